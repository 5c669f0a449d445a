import django.db.models.deletion
from django.db import migrations, models

# Of what ran before, only the last part of each node is known.
KNOWN = """INSERT INTO metrics_versionresult (signature, version_id)
    SELECT DISTINCT node.signature, run.version_id
    FROM metrics_noderun AS node JOIN metrics_run AS run ON run.id = node.run_id
    WHERE node.signature <> ''"""


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0004_engine_of_a_run'),
        ('versions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='VersionResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signature', models.CharField(max_length=64)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='versions.version')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('signature', 'version'), name='one_result_a_version')],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]

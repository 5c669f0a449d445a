import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('workflows', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('tree', models.CharField(max_length=40)),
                ('message', models.TextField()),
                ('author', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='versions.version')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='workflows.workflow')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workflow', 'number'), name='version_number'), models.UniqueConstraint(fields=('workflow', 'tree'), name='version_tree')],
            },
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


def main_branches(apps, schema_editor):
    """What was there before had one branch, which stood where the draft does."""
    Version, Branch = apps.get_model('versions', 'Version'), apps.get_model('versions', 'Branch')
    for workflow in apps.get_model('workflows', 'Workflow').objects.exclude(head=''):
        version = Version.objects.filter(id=workflow.head).first()
        if version is not None:
            Branch.objects.create(workflow=workflow, name='main', version=version)


class Migration(migrations.Migration):

    dependencies = [
        ('versions', '0001_initial'),
        ('workflows', '0006_branch'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='version', name='version_tree'),
        migrations.AddIndex(
            model_name='version',
            index=models.Index(fields=['workflow', 'tree'], name='version_tree'),
        ),
        migrations.AddField(model_name='version', name='others', field=models.TextField(blank=True)),
        migrations.AddField(
            model_name='version',
            name='path',
            field=models.CharField(default='workflow.py', max_length=400),
        ),
        migrations.CreateModel(
            name='Branch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='branches', to='versions.version')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='branches', to='workflows.workflow')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workflow', 'name'), name='branch_name')],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='versions.version')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='workflows.workflow')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workflow', 'name'), name='tag_name')],
            },
        ),
        migrations.RunPython(main_branches, migrations.RunPython.noop),
    ]

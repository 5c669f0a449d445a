from django.db import migrations, models


def of_runs_without_reuse(apps, schema_editor):
    """Earlier runs that were to load nothing took what computing everything takes."""
    runs = apps.get_model('metrics', 'Run').objects.filter(reuse=False, status='succeeded', only=[])
    runs.update(scratch=models.F('seconds'))


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0006_backfills'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='scratch',
            field=models.FloatField(null=True),
        ),
        migrations.RunPython(of_runs_without_reuse, migrations.RunPython.noop),
    ]

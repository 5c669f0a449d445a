import django.db.models.deletion
import workflows.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('versions', '0001_initial'),
        ('workflows', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.CharField(default=workflows.models.new_id, max_length=16, primary_key=True, serialize=False)),
                ('status', models.CharField(default='queued', max_length=10)),
                ('reuse', models.BooleanField(default=True)),
                ('force', models.JSONField(default=list)),
                ('queued_at', models.DateTimeField()),
                ('announced_at', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('seconds', models.FloatField(null=True)),
                ('estimate', models.FloatField(null=True)),
                ('message', models.TextField(blank=True)),
                ('last_event', models.PositiveIntegerField(default=0)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('attempt', models.PositiveSmallIntegerField(default=0)),
                ('lease_owner', models.CharField(blank=True, max_length=40)),
                ('lease_until', models.DateTimeField(null=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='versions.version')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='workflows.workflow')),
            ],
        ),
        migrations.CreateModel(
            name='NodeRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('place', models.PositiveIntegerField()),
                ('operator', models.CharField(max_length=80)),
                ('status', models.CharField(default='waiting', max_length=10)),
                ('action', models.CharField(max_length=10)),
                ('stale', models.BooleanField()),
                ('reason', models.TextField(blank=True)),
                ('signature', models.CharField(blank=True, max_length=64)),
                ('estimate', models.FloatField()),
                ('seconds', models.FloatField(null=True)),
                ('bytes', models.BigIntegerField(null=True)),
                ('stored', models.BooleanField(default=False)),
                ('error', models.JSONField(null=True)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nodes', to='metrics.run')),
            ],
        ),
        migrations.CreateModel(
            name='MetricPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('node', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=200)),
                ('value', models.FloatField(null=True)),
                ('step', models.IntegerField(null=True)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='metrics.run')),
            ],
        ),
        migrations.CreateModel(
            name='RunEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('event', models.JSONField()),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='metrics.run')),
            ],
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['workflow', '-queued_at'], name='runs_of_a_workflow'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('queued', 'running'))), fields=('workflow',), name='one_active_run_a_workflow'),
        ),
        migrations.AddConstraint(
            model_name='noderun',
            constraint=models.UniqueConstraint(fields=('run', 'name'), name='one_node_run_a_node'),
        ),
        migrations.AddConstraint(
            model_name='runevent',
            constraint=models.UniqueConstraint(fields=('run', 'number'), name='event_number'),
        ),
    ]

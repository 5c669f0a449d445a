import workflows.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CatalogCost',
            fields=[
                ('operator', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('n', models.FloatField()),
                ('x', models.FloatField()),
                ('y', models.FloatField()),
                ('xx', models.FloatField()),
                ('xy', models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name='CatalogFile',
            fields=[
                ('path', models.TextField(primary_key=True, serialize=False)),
                ('size', models.BigIntegerField()),
                ('mtime_ns', models.BigIntegerField()),
                ('ctime_ns', models.BigIntegerField()),
                ('inode', models.BigIntegerField()),
                ('content_hash', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='CatalogRecord',
            fields=[
                ('signature', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('operator', models.CharField(max_length=80)),
                ('seconds', models.FloatField()),
                ('input_bytes', models.BigIntegerField()),
                ('bytes', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64, null=True)),
                ('codec', models.CharField(max_length=20, null=True)),
                ('load_seconds', models.FloatField(null=True)),
                ('completed_at', models.FloatField()),
                ('seal', models.TextField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='CatalogText',
            fields=[
                ('workflow', models.CharField(max_length=400, primary_key=True, serialize=False)),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='Workflow',
            fields=[
                ('id', models.CharField(default=workflows.models.new_id, max_length=16, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('text', models.TextField(blank=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('head', models.CharField(blank=True, max_length=40)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(null=True)),
            ],
        ),
    ]

from django.db import migrations, models

import workflows.models


class Migration(migrations.Migration):

    dependencies = [
        ('helixweb', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.CharField(default=workflows.models.new_id, max_length=16, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DatasetFetch',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('status', models.CharField(max_length=10)),
                ('message', models.TextField(blank=True)),
                ('done', models.BigIntegerField(default=0)),
                ('updated_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SignInToken',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]

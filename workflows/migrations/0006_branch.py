from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0005_keeping'),
    ]

    operations = [
        migrations.AddField(
            model_name='workflow',
            name='branch',
            field=models.CharField(blank=True, default='main', max_length=120),
        ),
    ]

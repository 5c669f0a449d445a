from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0006_branch'),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogusage',
            name='part',
            field=models.CharField(blank=True, default='', max_length=200),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='catalogrecord',
            index=models.Index(condition=models.Q(('digest__isnull', False)), fields=['digest'], name='stored'),
        ),
    ]

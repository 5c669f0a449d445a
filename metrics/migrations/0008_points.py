from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0007_scratch'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='metricpoint',
            index=models.Index(condition=models.Q(('step__isnull', True)), fields=['run'], name='points_alone'),
        ),
        migrations.AddIndex(
            model_name='metricpoint',
            index=models.Index(
                condition=models.Q(('step__isnull', False)), fields=['run', 'node', 'name'], name='points_of_curves'
            ),
        ),
    ]

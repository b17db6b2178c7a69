"""A waiver keeps who may not decide about it: requester, authors, and whom policies exclude."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_append_only")]
    operations = [
        migrations.AddField(model_name="waiver", name="excluded", field=models.JSONField(default=list)),
    ]

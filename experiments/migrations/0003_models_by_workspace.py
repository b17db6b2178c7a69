"""The home page shows the newest models of a workspace."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_session_epoch"),
        ("experiments", "0002_storage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="loggedmodel",
            index=models.Index(fields=["workspace", "-creation_timestamp"], name="logged_model_by_workspace"),
        ),
    ]

"""A dataset version is a name and a digest, whichever experiment logged it: lineage looks it up by them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0004_artifact_holds")]
    operations = [
        migrations.AddIndex(
            model_name="dataset",
            index=models.Index(fields=["name", "digest"], name="dataset_by_name"),
        ),
    ]

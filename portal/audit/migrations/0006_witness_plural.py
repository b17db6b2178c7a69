from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_console_filters")]

    operations = [
        migrations.AlterModelOptions(name="auditwitness", options={"verbose_name_plural": "audit witnesses"})
    ]

"""What kept the log from being signed or copied in time, since when, and what ended it."""

from django.db import migrations, models

import portal.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0006_witness_plural"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditTrouble",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=portal.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=320)),
                ("said", models.CharField(max_length=600)),
                ("since", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closure", models.CharField(blank=True, max_length=600)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("key",),
                        name="audit_trouble_one_open",
                    )
                ],
            },
        ),
    ]

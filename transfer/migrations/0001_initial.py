"""Where things came from and went to."""

import django.db.models.deletion
from django.db import migrations, models

import portal.kernel.ids
from portal.kernel.migrations import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_auditor_grants"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Peer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=portal.kernel.ids.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("direction", models.CharField(max_length=3)),
                        ("kind", models.CharField(max_length=20)),
                        ("address", models.CharField(max_length=500)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        (
                            "workspace",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.workspace",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "direction", "kind", "address"),
                                name="transfer_peer_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("direction__in", ["in", "out"])),
                                name="transfer_direction_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Origin",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("kind", models.CharField(max_length=20)),
                        ("there", models.CharField(max_length=600)),
                        ("here", models.CharField(max_length=64)),
                        ("seen", models.JSONField(default=dict)),
                        ("is_complete", models.BooleanField(default=False)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        (
                            "peer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="origins",
                                to="transfer.peer",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["kind", "here"], name="transfer_origin_here")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("peer", "kind", "there"), name="transfer_origin_unique"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]

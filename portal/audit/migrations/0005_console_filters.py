"""Indexes by which the audit log is filtered: each holds the order of the list, or the few rows that are asked for."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from portal.kernel.migrations import Together


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0004_log_guards")]
    operations = [
        Together(
            [
                AddIndexConcurrently(
                    "auditevent", models.Index(fields=["action", "-id"], name="audit_by_action")
                ),
                AddIndexConcurrently(
                    "auditevent",
                    models.Index(
                        fields=["outcome", "-id"],
                        condition=~models.Q(outcome="done"),
                        name="audit_by_outcome",
                    ),
                ),
                AddIndexConcurrently(
                    "auditevent", models.Index(fields=["recorded_at"], name="audit_by_time")
                ),
                AddIndexConcurrently(
                    "auditevent",
                    django.contrib.postgres.indexes.HashIndex(
                        fields=["request_id"], condition=~models.Q(request_id=""), name="audit_by_request"
                    ),
                ),
            ]
        ),
    ]

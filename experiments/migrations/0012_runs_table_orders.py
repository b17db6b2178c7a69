"""The runs table walks along an index by state, by owner, by end and by duration, too (ADR 24).

The index by state takes the place of the one before: it ends in the run, and carries what facets count.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q

from portal.kernel.migrations import Together


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("experiments", "0011_retention")]
    operations = [
        # Building takes longer than any request may, on large tables.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        Together([
            AddIndexConcurrently(
                "run",
                models.Index(
                    fields=["experiment", "lifecycle_stage", "status", "id"],
                    include=["user_name", "created_by"],
                    name="run_by_status",
                ),
            ),
            AddIndexConcurrently("run", models.Index(fields=["experiment", "user_name", "id"], name="run_by_owner")),
            AddIndexConcurrently(
                "run",
                models.Index(fields=["experiment", "end_time", "id"], condition=Q(end_time__isnull=False), name="run_by_end"),
            ),
            AddIndexConcurrently(
                "run",
                models.Index(
                    F("experiment"), F("end_time") - F("start_time"), F("id"),
                    condition=Q(end_time__isnull=False), name="run_by_duration",
                ),
            ),
            RemoveIndexConcurrently("run", "run_by_state"),
        ]),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]  # fmt: skip

"""Indexes for what went wrong in the last day."""

from django.conf import settings
from django.db import migrations, models

from portal.kernel.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auditor_grants"),
        ("jobs", "0004_queues"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddIndex(
                    model_name="jobevent",
                    index=models.Index(
                        condition=models.Q(("name__in", ("retry", "lost", "handed back", "fenced"))),
                        fields=["-at"],
                        name="job_event_trouble",
                    ),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(
                        condition=models.Q(("state", "failed")), fields=["-finished_at"], name="job_failures"
                    ),
                ),
            ]
        ),
    ]

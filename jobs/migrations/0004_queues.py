"""Queues, quotas, workers; the indexes of a fair claim and of the list of jobs."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import jobs.models
import portal.kernel.ids
from portal.kernel.migrations import Together

QUEUES = """
INSERT INTO jobs_jobqueue (name, description, priority) VALUES
    ('system', 'The portal''s own short work.', 100), ('default', 'What people ask for.', 0)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auditor_grants"),
        ("jobs", "0003_process_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="JobQueue",
                    fields=[
                        ("name", models.CharField(max_length=63, primary_key=True, serialize=False)),
                        ("description", models.CharField(blank=True, max_length=500)),
                        ("priority", models.IntegerField(default=0)),
                        ("max_running", models.IntegerField(null=True)),
                        ("paused_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField(db_default=jobs.models.DatabaseClock())),
                    ],
                    options={
                        "verbose_name": "queue",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("max_running__isnull", True), ("max_running__gte", 0), _connector="OR"
                                ),
                                name="queue_limit_sane",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobQuota",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("max_running", models.IntegerField(null=True)),
                        ("max_queued", models.IntegerField(null=True)),
                        ("updated_at", models.DateTimeField(db_default=jobs.models.DatabaseClock())),
                        (
                            "queue",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="jobs.jobqueue",
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.workspace",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "quota",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "queue"), name="quota_one_each", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("max_running__isnull", True),
                                        ("max_running__gte", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("max_queued__isnull", True), ("max_queued__gte", 0), _connector="OR"
                                    ),
                                ),
                                name="quota_limits_sane",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobWorker",
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
                        ("name", models.CharField(max_length=100)),
                        ("host", models.CharField(max_length=80)),
                        ("pid", models.IntegerField()),
                        (
                            "queues",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=63), size=None
                            ),
                        ),
                        ("slots", models.IntegerField()),
                        ("version", models.CharField(max_length=40)),
                        ("started_at", models.DateTimeField(db_default=jobs.models.DatabaseClock())),
                        ("heartbeat_at", models.DateTimeField(db_default=jobs.models.DatabaseClock())),
                        ("stopping_at", models.DateTimeField(null=True)),
                        ("stopped_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "worker",
                        "indexes": [models.Index(fields=["heartbeat_at"], name="worker_by_heartbeat")],
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="jobrun",
                    name="job_attempts_bounded",
                ),
                migrations.RemoveIndex(
                    model_name="jobrun",
                    name="job_queued",
                ),
                migrations.RemoveIndex(
                    model_name="jobrun",
                    name="job_running",
                ),
                migrations.AddField(
                    model_name="jobrun",
                    name="handed_back",
                    field=models.IntegerField(db_default=0, default=0),
                ),
                migrations.AddField(
                    model_name="jobrun",
                    name="priority",
                    field=models.IntegerField(db_default=0, default=0),
                ),
                migrations.AddField(
                    model_name="jobrun",
                    name="queue",
                    field=models.CharField(db_default="default", default="default", max_length=63),
                ),
                migrations.AddField(
                    model_name="jobrun",
                    name="retry_of",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retries",
                        to="jobs.jobrun",
                    ),
                ),
                migrations.AlterField(
                    model_name="jobrun",
                    name="created_by",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="jobrun",
                    name="workspace",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(
                        models.F("queue"),
                        django.db.models.functions.comparison.Coalesce("workspace", 0),
                        models.F("priority"),
                        models.F("not_before"),
                        condition=models.Q(("state", "queued")),
                        name="job_lanes",
                    ),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(
                        condition=models.Q(("state", "running")),
                        fields=["queue", "workspace"],
                        name="job_at_work",
                    ),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(fields=["workspace", "-id"], name="job_by_place"),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(fields=["kind", "-id"], name="job_by_kind"),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(fields=["queue", "-id"], name="job_by_queue"),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(fields=["created_by", "-id"], name="job_by_person"),
                ),
                migrations.AddIndex(
                    model_name="jobrun",
                    index=models.Index(
                        condition=models.Q(("retry_of__isnull", False)),
                        fields=["retry_of"],
                        name="job_retries",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="jobrun",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("attempt__gte", 0),
                            (
                                "attempt__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("max_attempts"), "+", models.F("handed_back")
                                ),
                            ),
                            ("handed_back__gte", 0),
                            ("max_attempts__gte", 1),
                        ),
                        name="job_attempts_bounded",
                    ),
                ),
            ]
        ),
        migrations.RunSQL(QUEUES, migrations.RunSQL.noop),
    ]

"""Pipelines, whose versions PostgreSQL keeps as they were saved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kernel.ids
from portal.kernel.migrations import Together

KEEP = """
CREATE FUNCTION training_pipeline_version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A version of a pipeline stays as it was saved: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER training_pipelineversion_no_change BEFORE UPDATE OR DELETE ON training_pipelineversion
    FOR EACH ROW EXECUTE FUNCTION training_pipeline_version_keep();
"""
DROP = """
DROP TRIGGER training_pipelineversion_no_change ON training_pipelineversion;
DROP FUNCTION training_pipeline_version_keep();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auditor_grants"),
        ("training", "0005_evaluations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Pipeline",
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
                        ("name", models.CharField(max_length=120)),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "name"), name="pipeline_name_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PipelineRun",
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
                        ("state", models.CharField(default="running", max_length=10)),
                        ("parameters", models.JSONField(default=dict)),
                        ("is_cached", models.BooleanField(default=True)),
                        ("is_cancelling", models.BooleanField(default=False)),
                        ("cause", models.CharField(max_length=600)),
                        ("cause_key", models.CharField(max_length=200, null=True, unique=True)),
                        ("reason", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.workspace",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="training.pipelineversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["workspace", "-id"], name="pipeline_run_by_workspace"),
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["id"],
                                name="pipeline_run_going_on",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("state", "running")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("state__in", ("done", "failed", "cancelled")),
                                    ),
                                    _connector="OR",
                                ),
                                name="pipeline_run_ended_when_over",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PipelineSchedule",
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
                        ("cron", models.CharField(max_length=120)),
                        ("time_zone", models.CharField(max_length=60)),
                        ("parameters", models.JSONField(default=dict)),
                        ("missed", models.CharField(default="skip", max_length=10)),
                        ("overlaps", models.BooleanField(default=False)),
                        ("is_paused", models.BooleanField(default=False)),
                        ("note", models.CharField(blank=True, max_length=1000)),
                        ("next_at", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "pipeline",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="schedules",
                                to="training.pipeline",
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
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="training.pipelineversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_paused", False)),
                                fields=["next_at"],
                                name="schedule_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("missed__in", ["skip", "once"])),
                                name="schedule_missed_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PipelineStep",
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
                        ("name", models.CharField(max_length=60)),
                        ("item", models.IntegerField(default=-1)),
                        ("value", models.JSONField(null=True)),
                        ("state", models.CharField(default="waiting", max_length=10)),
                        ("cache_key", models.CharField(blank=True, max_length=64)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("reason", models.TextField(blank=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="training.pipelinerun",
                            ),
                        ),
                        (
                            "training",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pipeline_steps",
                                to="training.trainingjob",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state", "done"), models.Q(("cache_key", ""), _negated=True)
                                ),
                                fields=["cache_key"],
                                name="step_by_cache_key",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "name", "item"), name="pipeline_step_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "waiting",
                                            "running",
                                            "done",
                                            "reused",
                                            "skipped",
                                            "blocked",
                                            "failed",
                                            "cancelled",
                                        ),
                                    )
                                ),
                                name="pipeline_step_state_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PipelineTrigger",
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
                        ("kind", models.CharField(max_length=10)),
                        ("subject", models.CharField(max_length=520)),
                        ("parameters", models.JSONField(default=dict)),
                        ("is_paused", models.BooleanField(default=False)),
                        ("note", models.CharField(blank=True, max_length=1000)),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "pipeline",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="triggers",
                                to="training.pipeline",
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.workspace",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="training.pipelineversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["workspace", "kind", "subject"], name="trigger_by_subject")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["dataset", "alias", "alert"])),
                                name="trigger_kind_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PipelineVersion",
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
                        ("number", models.PositiveIntegerField()),
                        ("document", models.JSONField()),
                        ("source", models.TextField(blank=True)),
                        ("digest", models.CharField(max_length=64)),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "pipeline",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="training.pipeline",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("pipeline", "number"), name="pipeline_version_unique"
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(KEEP, DROP),
    ]

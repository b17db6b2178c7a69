"""The inference log by days, feedback, gaps, and sums of traffic."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.kernel.migrations import Together

# Days are made ahead and dropped by functions of the owner: the role that the portal runs as makes no tables.
RECORDS = """
CREATE TABLE deployments_inferencerecord (
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL REFERENCES deployments_endpoint,
    revision_id uuid REFERENCES deployments_revision,
    version varchar(20) NOT NULL,
    at timestamptz NOT NULL,
    request_id varchar(64) NOT NULL,
    actor varchar(120) NOT NULL,
    role varchar(6) NOT NULL CHECK (role IN ('live', 'shadow')),
    status smallint NOT NULL CHECK (status BETWEEN 100 AND 599),
    code varchar(60) NOT NULL,
    latency_ms double precision NOT NULL CHECK (latency_ms >= 0),
    rows integer CHECK (rows >= 0),
    request jsonb,
    response jsonb,
    retention_class varchar(12) NOT NULL CHECK (retention_class IN ('short', 'standard', 'regulated')),
    routing_key_hash varchar(16) NOT NULL,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX inference_by_endpoint ON deployments_inferencerecord (endpoint_id, at DESC);
CREATE INDEX inference_by_revision ON deployments_inferencerecord (revision_id, at DESC);
CREATE INDEX inference_by_request ON deployments_inferencerecord (request_id);
CREATE TABLE deployments_inferencerecord_rest PARTITION OF deployments_inferencerecord DEFAULT;

CREATE FUNCTION deployments_days_make(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    day date;
    name text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7204332);
    FOR day IN SELECT current_date + step FROM generate_series(0, least(ahead, 60)) AS step LOOP
        name := 'deployments_inferencerecord_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF deployments_inferencerecord FOR VALUES FROM (%L) TO (%L)',
                name, day::timestamptz, (day + 1)::timestamptz);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;

-- Drops days that are over and empty. What was in them was deleted before, by its retention class.
CREATE FUNCTION deployments_days_drop() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    name text;
    is_used boolean;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7204332);
    FOR name IN
        SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = 'deployments_inferencerecord'::regclass
        AND inhrelid::regclass::text ~ '^deployments_inferencerecord_[0-9]{8}$'
        AND right(inhrelid::regclass::text, 8) < to_char(current_date - 1, 'YYYYMMDD')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_used;
        IF NOT is_used THEN
            EXECUTE format('DROP TABLE %I', name);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END $$;
SELECT deployments_days_make(7);
"""
DROP = """
DROP FUNCTION deployments_days_drop();
DROP FUNCTION deployments_days_make(integer);
DROP TABLE deployments_inferencerecord;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0002_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Feedback",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("request_id", models.CharField(max_length=64)),
                        ("row", models.PositiveIntegerField(default=0)),
                        ("kind", models.CharField(max_length=10)),
                        ("value", models.JSONField()),
                        ("at", models.DateTimeField()),
                        (
                            "endpoint",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.endpoint",
                            ),
                        ),
                        (
                            "given_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["endpoint", "-at"], name="feedback_by_endpoint")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("request_id", "endpoint", "row", "kind"), name="feedback_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ("truth", "feedback"))),
                                name="feedback_kind_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InferenceGap",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("gateway", models.CharField(max_length=200)),
                        ("begins_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("dropped", models.PositiveIntegerField()),
                        ("why", models.CharField(max_length=60)),
                        (
                            "endpoint",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.endpoint",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["endpoint", "-begins_at"], name="inference_gap_by_endpoint")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrafficFigure",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("role", models.CharField(max_length=6)),
                        ("at", models.DateTimeField()),
                        ("requests", models.PositiveIntegerField()),
                        ("caller_errors", models.PositiveIntegerField()),
                        ("limited", models.PositiveIntegerField()),
                        ("server_errors", models.PositiveIntegerField()),
                        ("milliseconds", models.FloatField()),
                        (
                            "latency",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), size=None
                            ),
                        ),
                        (
                            "endpoint",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.endpoint",
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.revision",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["at"], name="traffic_figure_by_time")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("endpoint", "at", "revision", "role"),
                                name="traffic_figure_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("latency__len", 36)), name="traffic_figure_whole"
                            ),
                        ],
                    },
                ),
            ]
        ),
        # Made by SQL, as Django knows no partitions.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RECORDS, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name="InferenceRecord",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        ("version", models.CharField(max_length=20)),
                        ("at", models.DateTimeField()),
                        ("request_id", models.CharField(max_length=64)),
                        ("actor", models.CharField(max_length=120)),
                        ("role", models.CharField(max_length=6)),
                        ("status", models.PositiveSmallIntegerField()),
                        ("code", models.CharField(max_length=60)),
                        ("latency_ms", models.FloatField()),
                        ("rows", models.PositiveIntegerField(null=True)),
                        ("request", models.JSONField(null=True)),
                        ("response", models.JSONField(null=True)),
                        ("retention_class", models.CharField(max_length=12)),
                        ("routing_key_hash", models.CharField(max_length=16)),
                        (
                            "endpoint",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.endpoint",
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deployments.revision",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["endpoint", "-at"], name="inference_by_endpoint"),
                            models.Index(fields=["revision", "-at"], name="inference_by_revision"),
                            models.Index(fields=["request_id"], name="inference_by_request"),
                        ],
                    },
                ),
            ],
        ),
    ]

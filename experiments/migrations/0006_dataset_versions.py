"""Registered datasets. PostgreSQL keeps their versions as they were made; what their files hold is noted once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kernel.ids
from portal.kernel.migrations import Together

KEEP = """
CREATE FUNCTION experiments_data_version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted text[] := ARRAY['schema', 'row_count', 'mlflow_digest', 'read_at', 'problem'];
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.read_at IS NOT NULL OR NEW.read_at IS NULL
       OR to_jsonb(OLD) - noted IS DISTINCT FROM to_jsonb(NEW) - noted
       OR (OLD.schema IS NOT NULL AND NEW.schema IS DISTINCT FROM OLD.schema)
       OR (OLD.row_count IS NOT NULL AND NEW.row_count IS DISTINCT FROM OLD.row_count)
       OR (OLD.mlflow_digest <> '' AND NEW.mlflow_digest <> OLD.mlflow_digest)
    THEN
        RAISE EXCEPTION 'A version of a dataset stays as it was made: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION experiments_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was recorded stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER experiments_datasetversion_fixed BEFORE UPDATE OR DELETE ON experiments_datasetversion
    FOR EACH ROW EXECUTE FUNCTION experiments_data_version_keep();
CREATE TRIGGER experiments_datasetversion_no_truncate BEFORE TRUNCATE ON experiments_datasetversion
    FOR EACH STATEMENT EXECUTE FUNCTION experiments_refuse();
CREATE TRIGGER experiments_datasetprofile_no_change BEFORE UPDATE OR DELETE ON experiments_datasetprofile
    FOR EACH ROW EXECUTE FUNCTION experiments_refuse();
CREATE TRIGGER experiments_datasetprofile_no_truncate BEFORE TRUNCATE ON experiments_datasetprofile
    FOR EACH STATEMENT EXECUTE FUNCTION experiments_refuse();
ALTER TABLE experiments_datasetversion ENABLE ALWAYS TRIGGER experiments_datasetversion_fixed;
ALTER TABLE experiments_datasetversion ENABLE ALWAYS TRIGGER experiments_datasetversion_no_truncate;
ALTER TABLE experiments_datasetprofile ENABLE ALWAYS TRIGGER experiments_datasetprofile_no_change;
ALTER TABLE experiments_datasetprofile ENABLE ALWAYS TRIGGER experiments_datasetprofile_no_truncate;
"""
DROP = """
DROP TRIGGER experiments_datasetversion_fixed ON experiments_datasetversion;
DROP TRIGGER experiments_datasetversion_no_truncate ON experiments_datasetversion;
DROP TRIGGER experiments_datasetprofile_no_change ON experiments_datasetprofile;
DROP TRIGGER experiments_datasetprofile_no_truncate ON experiments_datasetprofile;
DROP FUNCTION experiments_data_version_keep();
DROP FUNCTION experiments_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auditor_grants"),
        ("experiments", "0005_datasets_by_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="DatasetVersion",
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
                        ("source_uri", models.CharField(blank=True, max_length=2000)),
                        ("digest", models.CharField(max_length=64)),
                        ("mlflow_digest", models.CharField(blank=True, max_length=36)),
                        ("manifest", models.JSONField(default=list)),
                        ("path", models.CharField(blank=True, max_length=300)),
                        ("size_bytes", models.BigIntegerField(null=True)),
                        ("schema", models.JSONField(null=True)),
                        ("row_count", models.BigIntegerField(null=True)),
                        ("role", models.CharField(blank=True, max_length=20)),
                        ("classification", models.CharField(blank=True, max_length=20)),
                        ("licence", models.CharField(blank=True, max_length=200)),
                        ("description", models.CharField(blank=True, max_length=2000)),
                        ("datasheet", models.TextField(blank=True)),
                        ("made_by_training", models.UUIDField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("read_at", models.DateTimeField(null=True)),
                        ("problem", models.CharField(blank=True, max_length=1000)),
                        (
                            "asset",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="experiments.dataasset",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "made_by_run",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="made_datasets",
                                to="experiments.run",
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
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["workspace", "-id"], name="data_version_by_workspace")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("asset", "number"), name="data_version_number_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                                name="data_version_digest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("path", ""), _negated=True),
                                    models.Q(("source_uri", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="data_version_lies_somewhere",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DataAsset",
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
                        ("name", models.CharField(max_length=200)),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "name"), name="data_asset_name_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DatasetProfile",
                    fields=[
                        (
                            "version",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="profile",
                                serialize=False,
                                to="experiments.datasetversion",
                            ),
                        ),
                        ("body", models.JSONField()),
                        ("made_at", models.DateTimeField()),
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
                ),
            ]
        ),
        migrations.RunSQL(KEEP, DROP),
    ]

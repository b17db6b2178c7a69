"""Reports and their versions, which stay as they were written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kernel.ids
from portal.kernel.migrations import Together

KEEP = """
CREATE TRIGGER experiments_reportversion_no_change BEFORE UPDATE OR DELETE ON experiments_reportversion
    FOR EACH ROW EXECUTE FUNCTION experiments_refuse();
ALTER TABLE experiments_reportversion ENABLE ALWAYS TRIGGER experiments_reportversion_no_change;
"""
DROP = "DROP TRIGGER experiments_reportversion_no_change ON experiments_reportversion"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auditor_grants"),
        ("experiments", "0009_runs_table_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Report",
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
                        ("title", models.CharField(max_length=200)),
                        ("number", models.PositiveIntegerField(default=1)),
                        ("lifecycle_stage", models.CharField(default="active", max_length=10)),
                        ("created_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
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
                        "indexes": [
                            models.Index(
                                fields=["workspace", "-changed_at", "id"], name="report_by_workspace"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("lifecycle_stage__in", ["active", "deleted"])),
                                name="report_stage_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportVersion",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("number", models.PositiveIntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("body", models.TextField()),
                        ("written_at", models.DateTimeField()),
                        (
                            "report",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="experiments.report",
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("report", "number"), name="report_version_unique")
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(KEEP, DROP),
    ]

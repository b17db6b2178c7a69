"""Measurements that found nothing may end, by the way of `monitoring.services.purging` alone."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

KEEP = """
CREATE FUNCTION monitoring_run_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('portal.purging', true) = 'monitoring_monitorrun'
        AND OLD.state NOT IN ('warn', 'alert') AND OLD.made_at < now() - interval '1 day'
        AND NOT EXISTS (
            SELECT FROM monitoring_monitor m JOIN compliance_legalhold h ON h.workspace_id = m.workspace_id
            WHERE m.id = OLD.monitor_id AND h.released_at IS NULL)
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'What was measured or stated stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER monitoring_monitorrun_fixed ON monitoring_monitorrun;
CREATE TRIGGER monitoring_monitorrun_fixed BEFORE UPDATE OR DELETE ON monitoring_monitorrun
    FOR EACH ROW EXECUTE FUNCTION monitoring_run_keep();
ALTER TABLE monitoring_monitorrun ENABLE ALWAYS TRIGGER monitoring_monitorrun_fixed;
"""
BACK = """
DROP TRIGGER monitoring_monitorrun_fixed ON monitoring_monitorrun;
CREATE TRIGGER monitoring_monitorrun_fixed BEFORE UPDATE OR DELETE ON monitoring_monitorrun
    FOR EACH ROW EXECUTE FUNCTION monitoring_refuse();
ALTER TABLE monitoring_monitorrun ENABLE ALWAYS TRIGGER monitoring_monitorrun_fixed;
DROP FUNCTION monitoring_run_keep();
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("monitoring", "0002_kept")]
    operations = [
        migrations.RunSQL(KEEP, BACK),
        # Building takes longer than any request may, on large tables.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            "monitorrun",
            models.Index(
                fields=["made_at"], condition=~models.Q(state__in=("warn", "alert")), name="monitor_run_over"
            ),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]

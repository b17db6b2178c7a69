"""PostgreSQL itself keeps what was measured, and what was stated in reviews."""

from django.db import migrations

KEEP = """
CREATE FUNCTION monitoring_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was measured or stated stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER monitoring_monitorrun_fixed BEFORE UPDATE OR DELETE ON monitoring_monitorrun
    FOR EACH ROW EXECUTE FUNCTION monitoring_refuse();
CREATE TRIGGER monitoring_monitorrun_no_truncate BEFORE TRUNCATE ON monitoring_monitorrun
    FOR EACH STATEMENT EXECUTE FUNCTION monitoring_refuse();
CREATE TRIGGER monitoring_planreview_fixed BEFORE UPDATE OR DELETE ON monitoring_planreview
    FOR EACH ROW EXECUTE FUNCTION monitoring_refuse();
CREATE TRIGGER monitoring_planreview_no_truncate BEFORE TRUNCATE ON monitoring_planreview
    FOR EACH STATEMENT EXECUTE FUNCTION monitoring_refuse();
ALTER TABLE monitoring_monitorrun ENABLE ALWAYS TRIGGER monitoring_monitorrun_fixed;
ALTER TABLE monitoring_monitorrun ENABLE ALWAYS TRIGGER monitoring_monitorrun_no_truncate;
ALTER TABLE monitoring_planreview ENABLE ALWAYS TRIGGER monitoring_planreview_fixed;
ALTER TABLE monitoring_planreview ENABLE ALWAYS TRIGGER monitoring_planreview_no_truncate;
"""
DROP = """
DROP TRIGGER monitoring_planreview_no_truncate ON monitoring_planreview;
DROP TRIGGER monitoring_planreview_fixed ON monitoring_planreview;
DROP TRIGGER monitoring_monitorrun_no_truncate ON monitoring_monitorrun;
DROP TRIGGER monitoring_monitorrun_fixed ON monitoring_monitorrun;
DROP FUNCTION monitoring_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, DROP)]

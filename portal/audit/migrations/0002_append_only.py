"""PostgreSQL itself refuses to change or remove what was recorded, whoever asks.

ENABLE ALWAYS, because session_replication_role would skip an ordinary trigger. A detail may be erased (a
person's right) but not rewritten; the event that commits to it stays.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_detail_no_change BEFORE UPDATE ON audit_auditdetail
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_detail_no_truncate BEFORE TRUNCATE ON audit_auditdetail
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_no_change;
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_no_truncate;
ALTER TABLE audit_auditdetail ENABLE ALWAYS TRIGGER audit_detail_no_change;
ALTER TABLE audit_auditdetail ENABLE ALWAYS TRIGGER audit_detail_no_truncate;
"""
ALLOW = """
DROP TRIGGER audit_event_no_change ON audit_auditevent;
DROP TRIGGER audit_event_no_truncate ON audit_auditevent;
DROP TRIGGER audit_detail_no_change ON audit_auditdetail;
DROP TRIGGER audit_detail_no_truncate ON audit_auditdetail;
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

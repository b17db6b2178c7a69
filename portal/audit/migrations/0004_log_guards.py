"""PostgreSQL itself keeps the log: what may be appended is checked, and nothing that stands there changes.

ENABLE ALWAYS, because session_replication_role would skip an ordinary trigger.
"""

from django.db import migrations

TABLES = ("audit_auditleaf", "audit_auditnode", "audit_auditcheckpoint", "audit_auditkey")
GUARDS = """
CREATE FUNCTION audit_event_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF abs(extract(epoch FROM NEW.recorded_at - clock_timestamp())) > 5 THEN
        RAISE EXCEPTION 'The audit log is append-only: the time of an event is the present on the clock of the database.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF position(convert_to('"at":"' || to_char(NEW.recorded_at AT TIME ZONE 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'UTF8') IN NEW.payload) = 0 THEN
        RAISE EXCEPTION 'The audit log is append-only: recorded_at of an event must be the time in its payload.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_event_checked BEFORE INSERT ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_event_check();
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_checked;

-- Once per batch; the planner must look events up by key, however large the table was when it made its plan.
CREATE FUNCTION audit_leaves_check() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    first_added bigint; last_added bigint; added_count bigint; expected bigint;
BEGIN
    SELECT min(idx), max(idx), count(*) INTO first_added, last_added, added_count FROM added;
    IF added_count = 0 THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(max(idx) + 1, 0) INTO expected FROM audit_auditleaf WHERE idx < first_added;
    IF first_added <> expected OR last_added - first_added + 1 <> added_count THEN
        RAISE EXCEPTION 'The audit log is append-only: leaf % was expected next, not %.', expected, first_added
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM added LEFT JOIN audit_auditevent event ON event.id = added.event_id
               WHERE event.leaf_hash IS DISTINCT FROM added.leaf_hash) THEN
        RAISE EXCEPTION 'The audit log is append-only: a leaf must have the hash of its event.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_leaves_checked AFTER INSERT ON audit_auditleaf
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit_leaves_check();
ALTER TABLE audit_auditleaf ENABLE ALWAYS TRIGGER audit_leaves_checked;

CREATE FUNCTION audit_checkpoint_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size IS DISTINCT FROM (SELECT max(idx) + 1 FROM audit_auditleaf) THEN
        RAISE EXCEPTION 'The audit log is append-only: a checkpoint covers exactly the leaves that are there.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.created_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_checkpoint_checked BEFORE INSERT ON audit_auditcheckpoint
    FOR EACH ROW EXECUTE FUNCTION audit_checkpoint_check();
ALTER TABLE audit_auditcheckpoint ENABLE ALWAYS TRIGGER audit_checkpoint_checked;
"""
EACH = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""
DROP_EACH = "DROP TRIGGER {table}_no_change ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
DROP = """
DROP TRIGGER audit_event_checked ON audit_auditevent;
DROP TRIGGER audit_leaves_checked ON audit_auditleaf;
DROP TRIGGER audit_checkpoint_checked ON audit_auditcheckpoint;
DROP FUNCTION audit_event_check(), audit_leaves_check(), audit_checkpoint_check();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_merkle_log")]
    operations = [
        migrations.RunSQL(
            GUARDS + "".join(EACH.format(table=table) for table in TABLES),
            "".join(DROP_EACH.format(table=table) for table in TABLES) + DROP,
        )
    ]

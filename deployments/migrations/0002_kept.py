"""PostgreSQL itself keeps what served, from when to when, under which approval; and that a split is whole."""

from django.db import migrations

KEEP = """
CREATE FUNCTION deployments_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was recorded stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION deployments_revision_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (OLD.endpoint_id, OLD.number, OLD.version_id, OLD.digest, OLD.approval_id, OLD.settings, OLD.reason,
           OLD.created_by_id, OLD.made_by, OLD.created_at)
          IS DISTINCT FROM
          (NEW.endpoint_id, NEW.number, NEW.version_id, NEW.digest, NEW.approval_id, NEW.settings, NEW.reason,
           NEW.created_by_id, NEW.made_by, NEW.created_at)
    THEN
        RAISE EXCEPTION 'A revision keeps its version, its digest and its approval: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION deployments_traffic_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.valid_to IS NOT NULL
       OR (OLD.endpoint_id, OLD.revision_id, OLD.role, OLD.percent, OLD.valid_from, OLD.rollout_id, OLD.moved_by,
           OLD.reason)
          IS DISTINCT FROM
          (NEW.endpoint_id, NEW.revision_id, NEW.role, NEW.percent, NEW.valid_from, NEW.rollout_id, NEW.moved_by,
           NEW.reason)
    THEN
        RAISE EXCEPTION 'What served, and when, stays as it was: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION deployments_split_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total integer;
BEGIN
    SELECT coalesce(sum(percent), 0) INTO total FROM deployments_traffic
    WHERE endpoint_id = NEW.endpoint_id AND role = 'live' AND valid_to IS NULL;
    IF total NOT IN (0, 100) THEN
        RAISE EXCEPTION 'The live traffic of an endpoint is 100 percent or none, not %.', total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deployments_revision_fixed BEFORE UPDATE OR DELETE ON deployments_revision
    FOR EACH ROW EXECUTE FUNCTION deployments_revision_keep();
CREATE TRIGGER deployments_traffic_fixed BEFORE UPDATE OR DELETE ON deployments_traffic
    FOR EACH ROW EXECUTE FUNCTION deployments_traffic_keep();
CREATE TRIGGER deployments_traffic_no_truncate BEFORE TRUNCATE ON deployments_traffic
    FOR EACH STATEMENT EXECUTE FUNCTION deployments_refuse();
CREATE CONSTRAINT TRIGGER deployments_traffic_split AFTER INSERT OR UPDATE ON deployments_traffic
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deployments_split_whole();
ALTER TABLE deployments_revision ENABLE ALWAYS TRIGGER deployments_revision_fixed;
ALTER TABLE deployments_traffic ENABLE ALWAYS TRIGGER deployments_traffic_fixed;
ALTER TABLE deployments_traffic ENABLE ALWAYS TRIGGER deployments_traffic_no_truncate;
"""
DROP = """
DROP TRIGGER deployments_traffic_split ON deployments_traffic;
DROP TRIGGER deployments_traffic_no_truncate ON deployments_traffic;
DROP TRIGGER deployments_traffic_fixed ON deployments_traffic;
DROP TRIGGER deployments_revision_fixed ON deployments_revision;
DROP FUNCTION deployments_split_whole();
DROP FUNCTION deployments_traffic_keep();
DROP FUNCTION deployments_revision_keep();
DROP FUNCTION deployments_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("deployments", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, DROP)]

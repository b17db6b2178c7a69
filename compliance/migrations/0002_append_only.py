"""PostgreSQL itself keeps what was decided as it was: evaluations, evidence and decisions, and the text of policies.

ENABLE ALWAYS, because session_replication_role would skip an ordinary trigger.
"""

from django.db import migrations

TABLES = ("compliance_gateevaluation", "compliance_evidence", "compliance_decision")
REFUSE = """
CREATE FUNCTION compliance_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was recorded stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION compliance_policy_version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed'
       OR (NEW.policy_id, NEW.number, NEW.source, NEW.document, NEW.digest, NEW.proposed_by_id, NEW.proposed_at)
          IS DISTINCT FROM
          (OLD.policy_id, OLD.number, OLD.source, OLD.document, OLD.digest, OLD.proposed_by_id, OLD.proposed_at)
    THEN
        RAISE EXCEPTION 'A version of a policy stays as it was proposed: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER compliance_policy_version_fixed BEFORE UPDATE OR DELETE ON compliance_policyversion
    FOR EACH ROW EXECUTE FUNCTION compliance_policy_version_keep();
ALTER TABLE compliance_policyversion ENABLE ALWAYS TRIGGER compliance_policy_version_fixed;
"""
EACH = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION compliance_refuse();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION compliance_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""
DROP_EACH = "DROP TRIGGER {table}_no_change ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
DROP = """
DROP TRIGGER compliance_policy_version_fixed ON compliance_policyversion;
DROP FUNCTION compliance_policy_version_keep();
DROP FUNCTION compliance_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]
    operations = [
        migrations.RunSQL(
            REFUSE + "".join(EACH.format(table=table) for table in TABLES),
            "".join(DROP_EACH.format(table=table) for table in TABLES) + DROP,
        )
    ]

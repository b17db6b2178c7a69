"""PostgreSQL itself refuses to change or remove what happened to a job, whoever asks.

The rows of jobs change with every heartbeat, so their pages keep room for the next version.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION jobs_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Job events are append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER jobs_event_no_change BEFORE UPDATE OR DELETE ON jobs_jobevent
    FOR EACH ROW EXECUTE FUNCTION jobs_event_refuse();
CREATE TRIGGER jobs_event_no_truncate BEFORE TRUNCATE ON jobs_jobevent
    FOR EACH STATEMENT EXECUTE FUNCTION jobs_event_refuse();
ALTER TABLE jobs_jobevent ENABLE ALWAYS TRIGGER jobs_event_no_change;
ALTER TABLE jobs_jobevent ENABLE ALWAYS TRIGGER jobs_event_no_truncate;
ALTER TABLE jobs_jobrun SET (fillfactor = 80);
"""
ALLOW = """
ALTER TABLE jobs_jobrun RESET (fillfactor);
DROP TRIGGER jobs_event_no_change ON jobs_jobevent;
DROP TRIGGER jobs_event_no_truncate ON jobs_jobevent;
DROP FUNCTION jobs_event_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

"""PostgreSQL itself keeps the facts of the registry: cards, past assignments, and the digest of a version.

A version's digest and manifest are set once; an assignment is ended once and is otherwise as it was written.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION registry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was recorded stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION registry_version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.digest <> '' AND NEW.digest <> OLD.digest)
       OR (OLD.manifest IS NOT NULL AND NEW.manifest IS DISTINCT FROM OLD.manifest)
       OR (OLD.model_id, OLD.version) IS DISTINCT FROM (NEW.model_id, NEW.version)
       OR (OLD.digest <> '' AND NEW.artifact_location <> OLD.artifact_location)
    THEN
        RAISE EXCEPTION 'A model version keeps its number and its files: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION registry_assignment_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.valid_to IS NOT NULL
       OR (OLD.model_id, OLD.version_id, OLD.kind, OLD.name, OLD.valid_from, OLD.approval_id, OLD.moved_by,
           OLD.reason)
          IS DISTINCT FROM
          (NEW.model_id, NEW.version_id, NEW.kind, NEW.name, NEW.valid_from, NEW.approval_id, NEW.moved_by,
           NEW.reason)
    THEN
        RAISE EXCEPTION 'Where an alias or a stage pointed stays as it was: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registry_version_fixed BEFORE UPDATE OR DELETE ON registry_modelversion
    FOR EACH ROW EXECUTE FUNCTION registry_version_keep();
CREATE TRIGGER registry_assignment_fixed BEFORE UPDATE OR DELETE ON registry_assignment
    FOR EACH ROW EXECUTE FUNCTION registry_assignment_keep();
CREATE TRIGGER registry_modelcard_no_change BEFORE UPDATE OR DELETE ON registry_modelcard
    FOR EACH ROW EXECUTE FUNCTION registry_refuse();
CREATE TRIGGER registry_modelcard_no_truncate BEFORE TRUNCATE ON registry_modelcard
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse();
CREATE TRIGGER registry_assignment_no_truncate BEFORE TRUNCATE ON registry_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse();
ALTER TABLE registry_modelversion ENABLE ALWAYS TRIGGER registry_version_fixed;
ALTER TABLE registry_assignment ENABLE ALWAYS TRIGGER registry_assignment_fixed;
ALTER TABLE registry_assignment ENABLE ALWAYS TRIGGER registry_assignment_no_truncate;
ALTER TABLE registry_modelcard ENABLE ALWAYS TRIGGER registry_modelcard_no_change;
ALTER TABLE registry_modelcard ENABLE ALWAYS TRIGGER registry_modelcard_no_truncate;
"""
DROP = """
DROP TRIGGER registry_version_fixed ON registry_modelversion;
DROP TRIGGER registry_assignment_fixed ON registry_assignment;
DROP TRIGGER registry_assignment_no_truncate ON registry_assignment;
DROP TRIGGER registry_modelcard_no_change ON registry_modelcard;
DROP TRIGGER registry_modelcard_no_truncate ON registry_modelcard;
DROP FUNCTION registry_assignment_keep();
DROP FUNCTION registry_version_keep();
DROP FUNCTION registry_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, DROP)]

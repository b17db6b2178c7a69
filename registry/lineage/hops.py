"""What leads where: dataset → run → logged model → version → what is live → AI system."""

from registry.lineage.catalogue import MODEL_KEY, Hop, NodeKind, lineage_hop_declare, lineage_kind_declare

_MODELS = "experiments_loggedmodel"
_VERSIONS = """(SELECT v.*, m.name AS model_name, m.is_prompt, w.name AS workspace_name
 FROM registry_modelversion v JOIN registry_registeredmodel m ON m.id = v.model_id
 JOIN accounts_workspace w ON w.id = v.workspace_id)"""
_ASSIGNMENTS = """(SELECT a.*, m.name AS model_name, v.version AS number, v.digest, w.name AS workspace_name
 FROM registry_assignment a JOIN registry_registeredmodel m ON m.id = a.model_id
 JOIN registry_modelversion v ON v.id = a.version_id JOIN accounts_workspace w ON w.id = a.workspace_id)"""
# A run behind a version is told by its logged model; only where that does not name it, by the version itself.
_RUN_OF_VERSION = """(SELECT v.id, v.run_id FROM registry_modelversion v
 WHERE NOT EXISTS (SELECT FROM experiments_loggedmodel l
                   WHERE l.id = v.logged_model_id AND l.source_run_id = v.run_id))"""
_SYSTEM_BY_ALIAS = """(SELECT a.id, s.system_id FROM registry_assignment a
 JOIN registry_systemmodel s ON s.model_id = a.model_id AND s.alias = a.name AND s.valid_to IS NULL
 JOIN compliance_aisystem y ON y.id = s.system_id AND y.retired_at IS NULL
 WHERE a.kind = 'alias' AND a.valid_to IS NULL)"""
_SYSTEM_BY_VERSION = """(SELECT s.version_id, s.system_id FROM registry_systemmodel s
 JOIN compliance_aisystem y ON y.id = s.system_id AND y.retired_at IS NULL
 WHERE s.valid_to IS NULL AND s.version_id IS NOT NULL)"""
# Runs tell a registered version by its name and digest: that of their trainings, or the one of MLflow's own client.
_LOGGED_AS = """(SELECT v.id, d.id AS dataset_id FROM experiments_datasetversion v
 JOIN experiments_dataasset a ON a.id = v.asset_id
 JOIN experiments_dataset d ON d.workspace_id = v.workspace_id AND d.name = a.name
  AND d.digest IN (left(v.digest, 36), nullif(v.mlflow_digest, '')))"""
_REGISTERED = """(SELECT v.*, a.name AS dataset_name, w.name AS workspace_name FROM experiments_datasetversion v
 JOIN experiments_dataasset a ON a.id = v.asset_id JOIN accounts_workspace w ON w.id = v.workspace_id)"""

NODE_KINDS = (
    NodeKind(
        "registered-data", "Registered dataset", 0, _REGISTERED, label="t.dataset_name || ' v' || t.number",
        facts="jsonb_build_object('workspace', t.workspace_name, 'name', t.dataset_name, 'version', t.number,"
        " 'digest', t.digest, 'role', t.role, 'classification', t.classification)",
        table="experiments_datasetversion",
    ),
    NodeKind(
        "dataset", "Dataset version", 0, "experiments_dataset",
        label="t.name || '@' || t.digest",
        facts="jsonb_build_object('name', t.name, 'digest', t.digest, 'source_type', t.source_type,"
        " 'experiment_id', t.experiment_id)",
    ),
    NodeKind(
        "run", "Run", 1, "experiments_run", label="t.name",
        facts="jsonb_build_object('status', t.status, 'user', t.user_name, 'deleted', t.lifecycle_stage = 'deleted')",
        lacks="NOT EXISTS (SELECT FROM experiments_runinput i WHERE i.run_id = t.id)",
        unknown="The run recorded no dataset",
    ),
    NodeKind(
        "logged-model", "Logged model", 2, _MODELS, key_type=MODEL_KEY, label="t.name",
        facts="jsonb_build_object('model_id', t.id, 'digest', t.digest, 'status', t.status,"
        " 'deleted', t.lifecycle_stage = 'deleted')",
        lacks="t.source_run_id IS NULL AND NOT EXISTS (SELECT FROM experiments_runoutput o WHERE o.model_id = t.id)",
        unknown="No run is known to have made the model",
    ),
    NodeKind(
        "version", "Model version", 3, _VERSIONS, label="t.model_name || ' v' || t.version",
        facts="jsonb_build_object('workspace', t.workspace_name, 'model', t.model_name, 'version', t.version,"
        " 'digest', t.digest, 'status', t.status, 'deleted', t.deleted_at IS NOT NULL)",
        lacks="t.run_id IS NULL AND t.logged_model_id IS NULL AND t.copied_from_id IS NULL"
        " AND NOT EXISTS (SELECT FROM registry_registeredmodel p WHERE p.id = t.model_id AND p.is_prompt)",
        table="registry_modelversion",
        unknown="The version has no run",
    ),
    NodeKind(
        "live", "Live", 4, _ASSIGNMENTS, label="t.name || ' of ' || t.model_name",
        facts="jsonb_build_object('workspace', t.workspace_name, 'kind', t.kind, 'name', t.name,"
        " 'model', t.model_name, 'version', t.number, 'digest', t.digest, 'since', t.valid_from)",
        table="registry_assignment", is_live=True,
    ),
    NodeKind(
        "ai-system", "AI system", 6, "compliance_aisystem", label="t.name",
        facts="jsonb_build_object('risk_tier', t.risk_tier, 'role', t.role)",
    ),
)  # fmt: skip
ALL_HOPS = (
    Hop("registered-data", "dataset", "logged as", _LOGGED_AS, "id", "dataset_id"),
    Hop("run", "registered-data", "made", "experiments_datasetversion", "made_by_run_id", "id"),
    Hop("dataset", "run", "read by", "experiments_runinput", "dataset_id", "run_id"),
    Hop("run", "logged-model", "made", _MODELS, "source_run_id", "id"),
    Hop(
        "run", "logged-model", "made",
        "(SELECT o.* FROM experiments_runoutput o WHERE NOT EXISTS"
        " (SELECT FROM experiments_loggedmodel l WHERE l.id = o.model_id AND l.source_run_id = o.run_id))",
        "run_id", "model_id",
    ),
    Hop("logged-model", "run", "read by", "experiments_runmodelinput", "model_id", "run_id"),
    Hop("logged-model", "version", "registered as", "registry_modelversion", "logged_model_id", "id"),
    Hop("run", "version", "registered as", _RUN_OF_VERSION, "run_id", "id"),
    Hop("version", "version", "copied to", "registry_modelversion", "copied_from_id", "id"),
    Hop(
        "version", "live", "live as", "registry_assignment", "version_id", "id",
        where="t.valid_to IS NULL AND (t.kind = 'alias' OR t.name = 'Production')",
    ),
    Hop("live", "ai-system", "used by", _SYSTEM_BY_ALIAS, "id", "system_id"),
    Hop("version", "ai-system", "used by", _SYSTEM_BY_VERSION, "version_id", "system_id"),
)  # fmt: skip

for _kind in NODE_KINDS:
    lineage_kind_declare(_kind)
for _hop in ALL_HOPS:
    lineage_hop_declare(_hop)

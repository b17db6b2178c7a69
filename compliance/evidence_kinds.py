"""The kinds of evidence: those of the control catalogue, and which of them a person may state.

What the portal itself looks at (files, signatures, moves, approvals) is recorded by the portal alone. A person
who could record a scan would not need one.
"""

# Statements and reports of people and of their own tools.
STATED = frozenset({
    "attestation", "data_check", "datasheet", "erasure_case", "evaluation", "explanation", "feature_def", "feedback",
    "impact_assessment", "incident", "policy_doc", "registration", "resource_usage", "risk_entry",
    "robustness_test", "training_record", "vendor_record",
})  # fmt: skip
# What only the portal records.
OBSERVED = frozenset({
    "access_review", "ai_system", "alert", "approval", "artifact_scan", "audit_event", "audit_proof",
    "change_record", "code_ref", "dataset_digest", "deployment", "dossier", "env_lock", "exception", "finding",
    "gate_result", "inference_log", "lineage", "mlbom", "model_card", "model_version", "monitor", "policy_version",
    "recertification", "reproduction", "retention_rule", "role_assignment", "run", "signature",
})  # fmt: skip
KINDS = STATED | OBSERVED
PASS, FAIL, INFO = "pass", "fail", "info"
OUTCOMES = (PASS, FAIL, INFO)

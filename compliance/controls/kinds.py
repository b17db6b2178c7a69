"""What the portal knows of each kind of evidence: how long it is fresh, and who brings it.

A kind without days does not age: it is a fact about a run or a version, or it is looked up when asked for.
"""

from collections.abc import Mapping

YEAR = 365
FRESH_DAYS: Mapping[str, int] = {
    "access_review": 183, "ai_system": YEAR, "artifact_scan": 90, "attestation": YEAR, "data_check": YEAR,
    "datasheet": 2 * YEAR, "dossier": YEAR, "evaluation": YEAR, "explanation": YEAR, "impact_assessment": YEAR,
    "model_card": YEAR, "policy_doc": YEAR, "recertification": YEAR, "reproduction": YEAR, "resource_usage": YEAR,
    "risk_entry": YEAR, "robustness_test": YEAR, "training_record": 2 * YEAR, "vendor_record": YEAR,
}  # fmt: skip

OWNER, CONTRIBUTOR, MAINTAINER, APPROVER = "owner", "contributor", "maintainer", "approver"
OPERATOR, SEQUENCER = "operator", "the portal"

# Who must act, and what they do.
WHO: Mapping[str, tuple[str, str]] = {
    "ai_system": (MAINTAINER, "Look through the record of the AI system and save it."),
    "run": (CONTRIBUTOR, "Register the version from a run that was tracked."),
    "code_ref": (CONTRIBUTOR, "Train from a git checkout, so that the run records its commit."),
    "env_lock": (CONTRIBUTOR, "Log the model with its list of pinned packages."),
    "dataset_digest": (CONTRIBUTOR, "Name the data of the run with mlflow.log_input."),
    "datasheet": (CONTRIBUTOR, "State the datasheet of the data as evidence."),
    "data_check": (CONTRIBUTOR, "State the result of the data check as evidence."),
    "feature_def": (CONTRIBUTOR, "State the definition of the features as evidence."),
    "evaluation": (CONTRIBUTOR, "State an evaluation report of the version as evidence."),
    "explanation": (CONTRIBUTOR, "State the explainability result as evidence."),
    "robustness_test": (CONTRIBUTOR, "State the result of the robustness test as evidence."),
    "model_version": (CONTRIBUTOR, "Register a version with a signature and link it to the system."),
    "model_card": (CONTRIBUTOR, "Fill in the model card of the version."),
    "artifact_scan": (CONTRIBUTOR, "Let the gate scan the version, and mend what it found."),
    "signature": (CONTRIBUTOR, "Let the gate sign the version."),
    "mlbom": (CONTRIBUTOR, "Let the portal make the bill of materials of the version."),
    "lineage": (CONTRIBUTOR, "Record the run and the data that the lineage lacks."),
    "policy_version": (MAINTAINER, "Propose a policy, and let a second person publish it."),
    "gate_result": (CONTRIBUTOR, "Ask for the move of the version, so that the policies are evaluated."),
    "approval": (APPROVER, "Decide the approval request of the version."),
    "exception": (APPROVER, "Grant a waiver where one is needed."),
    "deployment": (CONTRIBUTOR, "Deploy through the portal; this portal records no deployments yet."),
    "monitor": (CONTRIBUTOR, "Set up monitoring; this portal records no monitors yet."),
    "alert": (CONTRIBUTOR, "Set up monitoring; this portal records no alerts yet."),
    "incident": (OWNER, "State the incident record as evidence."),
    "inference_log": (CONTRIBUTOR, "Serve through the portal; this portal records no inference logs yet."),
    "feedback": (OWNER, "State the feedback record as evidence."),
    "audit_event": (SEQUENCER, "Every change of the system is recorded by itself."),
    "audit_proof": (OPERATOR, "Run the sequencer, which signs checkpoints."),
    "role_assignment": (MAINTAINER, "Give the roles of the workspace to people."),
    "access_review": (MAINTAINER, "Complete an access review of the workspace."),
    "risk_entry": (OWNER, "State the risk entry as evidence."),
    "impact_assessment": (OWNER, "State the impact assessment as evidence."),
    "policy_doc": (OWNER, "State the document of the organisation as evidence."),
    "attestation": (OWNER, "Make the statement for this control."),
    "finding": (APPROVER, "Open findings about the version, and close them with evidence."),
    "recertification": (APPROVER, "Complete the re-certification that is due."),
    "reproduction": (CONTRIBUTOR, "Train the version again; its page has the button."),
    "change_record": (
        CONTRIBUTOR,
        "Move an alias or a stage to the version, so that the change is on record.",
    ),
    "vendor_record": (OWNER, "State the record of the supplier as evidence."),
    "training_record": (OWNER, "State the training record as evidence."),
    "registration": (OWNER, "State the registration or declaration as evidence."),
    "erasure_case": (OWNER, "State the case as evidence."),
    "retention_rule": (OPERATOR, "Set the retention class of the records."),
    "resource_usage": (CONTRIBUTOR, "State the figures of computing as evidence."),
    "dossier": (MAINTAINER, "Make the technical file of the system."),
}

"""Tables of compliance. Subjects are named by type, id and label: the apps that own them stand above this one."""

from compliance.models.approvals import Approval, ApprovalRequest, Decision, Delegation, Waiver
from compliance.models.follow_up import AccessReview, AISystem, Finding, LegalHold, Recertification
from compliance.models.outbox import Delivery, Notice, Webhook
from compliance.models.policies import Evidence, GateEvaluation, Policy, PolicyVersion

__all__ = [
    "AISystem", "AccessReview", "Approval", "ApprovalRequest", "Decision", "Delegation", "Delivery", "Evidence",
    "Finding", "GateEvaluation", "LegalHold", "Notice", "Policy", "PolicyVersion", "Recertification", "Waiver",
    "Webhook",
]  # fmt: skip

"""Policies as rows, published without the operations that publish them."""

from copy import deepcopy
from functools import cache
from typing import Any

from compliance.models import Policy, PolicyVersion
from compliance.models.policies import PUBLISHED
from compliance.policies.document import document_digest, document_parse
from portal.accounts.models import Workspace
from portal.kernel.clock import now

CHAMPION = """
name: champion
applies_to: {acts: [experiments.model.update], aliases: [champion]}
rules:
  - id: scan-clean
    title: The files were scanned and nothing was found
    require: facts.evidence.artifact_scan.outcome == "pass"
    waivable: true
  - id: auc
    title: AUC is at least 0.8
    require: facts.metrics.auc >= 0.8
approvals:
  - {role: approver, quorum: 1, quorum_by_tier: {high: 2}}
request_expires_after: 7d
approval_valid_for: 2d
break_glass: {allowed: true, hours: 8}
"""


def policy_put(workspace: Workspace | None, source: str = CHAMPION) -> PolicyVersion:
    """A policy in force."""
    document = deepcopy(_document(source))
    policy, _ = Policy.objects.get_or_create(workspace=workspace, name=document["name"])
    version = PolicyVersion.objects.create(
        policy=policy, workspace=workspace, number=policy.versions.count() + 1, source=source, document=document,
        digest=document_digest(document), state=PUBLISHED, decided_at=now(),
    )  # fmt: skip
    policy.current = version
    policy.save()
    return version


@cache
def _document(source: str) -> dict[str, Any]:
    """Read once in a process: this takes longer than most of what tests do with it."""
    found: dict[str, Any] = document_parse(source)
    return found

"""What the gate would say to a deployment, before anybody asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.policies.evaluation import HOLDING
from compliance.services.gate import gate_preview
from deployments.models import Endpoint
from deployments.proposals import DEPLOY
from portal.accounts.actor import Actor
from registry.models import ModelVersion


@dataclass(frozen=True)
class Check:
    """One rule of one policy."""

    policy: str
    rule: str
    title: str
    holds: bool
    message: str


@dataclass(frozen=True)
class Preview:
    """The checklist of a deployment; `allows` holds when it would be made at once."""

    allows: bool
    passed: bool
    needed: Sequence[Mapping[str, Any]]
    checks: list[Check]


def deploy_preview(actor: Actor, endpoint: Endpoint, version: ModelVersion) -> Preview:
    """Evaluate the policies that apply; nothing is stored. Raises Conflict for a version without digest."""
    params = {"endpoint": endpoint.pk.hex, "rollout": {}}
    found = gate_preview(actor=actor, act=DEPLOY, subject_id=version.pk.hex, params=params)
    needed = [dict(each) for each in found.evaluated.needed]
    checks = [
        Check(
            each["policy"], each["rule"], each.get("title", ""), each["outcome"] in HOLDING, each["message"]
        )
        for each in found.evaluated.checks
    ]
    return Preview(found.evaluated.passed and not needed, found.evaluated.passed, needed, checks)

"""What the gate would say now about a move, beside the button that asks for it."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from compliance.models import ApprovalRequest
from compliance.models.approvals import PENDING_STATES
from compliance.selectors.web_checks import CheckRow, check_rows
from compliance.services.gate import Assessment, act_get, assess
from portal.kernel.errors import DomainError
from registry.models import ModelVersion, RegisteredModel
from registry.models.registered_model import READY
from registry.proposals import ALIAS_MOVE
from registry.selectors.web_model import alias_names
from registry.selectors.web_version import CHAMPION


@dataclass(frozen=True)
class GatePanel:
    """The dry run for one alias: every rule, who must approve, and the request that is pending already."""

    alias: str
    aliases: list[str]
    rows: list[CheckRow]
    needed: list[Any]
    passed: bool
    is_there: bool
    pending: ApprovalRequest | None

    @property
    def is_free(self) -> bool:
        return self.passed and not self.needed


def gate_panel(version: ModelVersion, alias: str) -> GatePanel | None:
    """The gate's answer about an alias, champion unless another is asked for; None while nothing can move."""
    if version.status != READY:
        return None
    aliases = sorted({*alias_names(version.model), CHAMPION})
    alias = alias or CHAMPION
    try:
        found = _assessed(version, alias)
    except DomainError:  # a name that no alias can have
        if alias == CHAMPION:
            raise
        return gate_panel(version, CHAMPION)
    answer = found.evaluated
    return GatePanel(
        alias=alias, aliases=sorted({*aliases, alias}), needed=list(answer.needed), passed=answer.passed,
        rows=check_rows(answer.checks, found.facts, found.versions),
        is_there=(found.facts.get("champion") or {}).get("version") == version.version,
        pending=_pending(found),
    )  # fmt: skip


def protected_names(model: RegisteredModel, names: list[str], newest: ModelVersion | None) -> set[str]:
    """The aliases among `names` that move only with an approval."""
    if newest is None:
        return set()
    return {name for name in names if _assessed(newest, name).evaluated.needed}


def _assessed(version: ModelVersion, alias: str) -> Assessment:
    """Asked with the rows held for a moment, as the move itself would; nothing is written."""
    with transaction.atomic():
        return assess(act_get(ALIAS_MOVE).propose(version.pk.hex, {"alias": alias}))


def _pending(found: Assessment) -> ApprovalRequest | None:
    proposal = found.proposal
    return ApprovalRequest.objects.filter(
        act=proposal.act, target_key=proposal.target.key, subject_type=proposal.subject.type,
        subject_id=proposal.subject.id, state__in=PENDING_STATES,
    ).first()  # fmt: skip

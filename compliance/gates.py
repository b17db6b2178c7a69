"""Acts that policies may gate, and what an app must tell about one of its own.

The apps that do such acts stand above this one, so they declare them here, as job kinds are declared in
`jobs.registry`: by name, when the app is loaded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from compliance.models import Approval
from portal import access


@dataclass(frozen=True)
class Subject:
    """What an act is about. `digest` is that of its files: the identity that approvals name."""

    type: str
    id: str
    label: str
    workspace_id: int
    digest: str


@dataclass(frozen=True)
class Target:
    """What an act moves: an alias, a stage or an environment. `key` names it uniquely in the portal."""

    key: str
    label: str
    kind: str
    name: str


@dataclass(frozen=True)
class Proposal:
    """One act as it would be done now: the rows behind it are locked, the facts are fresh.

    `params` are the plain-JSON arguments with which the act can be proposed again. `facts` is what rules see,
    under the name `facts`; the keys are described in ADR 7 and in `compliance/policies/facts.py`. `excluded` are
    the ids of the persons who may not decide, besides the requester: the authors of run and version.
    `selectors` are what `applies_to` of a policy matches: model, alias, stage, environment, risk_tier, tags.
    """

    act: str
    subject: Subject
    target: Target
    params: Mapping[str, Any]
    facts: Mapping[str, Any]
    selectors: Mapping[str, Any]
    excluded: frozenset[int] = frozenset()
    risk_tier: str = ""


@dataclass(frozen=True)
class GatedAct:
    """How an app does one gated act.

    `propose(subject_id, params)` locks the rows in the order of ADR 6 and gathers the facts; it raises NotFound when
    the subject is gone. `apply(actor=, proposal=, approval=, reason=)` makes the move and `revert(actor=, approval=,
    reason=)` takes back what was done under an approval; both are effects, in the transaction that is open.
    """

    name: str
    propose: Callable[..., Proposal]
    apply: Callable[..., Any]
    revert: Callable[..., Any]


GATED_ACTS: dict[str, GatedAct] = {}


def gated_act_declare(act: GatedAct) -> None:
    """Add an act to the catalogue. Raises LookupError for one that is not a listed action, or declared twice."""
    if act.name not in access.ACTIONS:
        raise LookupError(f"The gated act {act.name} is not an action that portal.access lists.")
    if GATED_ACTS.setdefault(act.name, act) is not act:
        raise LookupError(f"The gated act {act.name} is declared twice.")


@dataclass(frozen=True)
class Ruling:
    """The answer of the gate about one proposal.

    `is_free`: no policy applies, or all rules hold and nobody need approve. `approval`: an effective one for exactly
    these digests, which the caller uses up with its move. `failing`: the checks that do not hold. `needed`: the
    approvals that policies ask for, `[{role, quorum}]`.
    """

    is_free: bool
    approval: Approval | None
    failing: tuple[Mapping[str, Any], ...] = ()
    needed: tuple[Mapping[str, Any], ...] = ()
    evidence_digest: str = ""
    checks: tuple[Mapping[str, Any], ...] = ()
    policy_version_ids: tuple[str, ...] = field(default=())

    @property
    def allows(self) -> bool:
        return self.is_free or self.approval is not None

"""What fresh evidence answers each control for one system, what is missing, and who must act.

The words for the state of a control are about evidence only: whether a duty is met is for people to judge.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance.controls.catalogue import Control, catalogue
from compliance.controls.kinds import APPROVER, CONTRIBUTOR, FRESH_DAYS, MAINTAINER, OWNER, WHO
from compliance.controls.providers import FAIL, Item, Scope, evidence_gather, scope_of
from compliance.models import AISystem
from portal.accounts.actor import Actor
from portal.accounts.models import Membership
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput

COMPLETE, PARTIAL, NONE = "evidence complete", "evidence incomplete", "no evidence"
FRESH, STALE, FAILED, MISSING = "fresh", "stale", "failed", "missing"
ATTESTATION = "attestation"
# Where one that is overdue is not made good by another that was done.
OPEN_ENDED = ("finding", "recertification")
ITEMS_SHOWN = 10
_ROLES = (CONTRIBUTOR, MAINTAINER, APPROVER)


@dataclass(frozen=True)
class SeenItem:
    """A piece of evidence, and whether it counts."""

    item: Item
    state: str

    @property
    def kind(self) -> str:
        return self.item.kind

    @property
    def label(self) -> str:
        return self.item.label

    @property
    def at(self) -> dt.datetime | None:
        return self.item.at

    @property
    def digest(self) -> str:
        return self.item.digest

    @property
    def outcome(self) -> str:
        return self.item.outcome

    @property
    def url(self) -> str:
        return self.item.url

    @property
    def audit_event(self) -> UUID | None:
        return self.item.audit_event


@dataclass(frozen=True)
class Need:
    """One kind of evidence for one control. `who` and `what` say who must act, where it is not fresh."""

    kind: str
    title: str
    is_required: bool
    state: str
    fresh_days: int | None
    items: list[SeenItem]
    count: int
    who: str = ""
    what: str = ""


@dataclass(frozen=True)
class AnsweredControl:
    """A control with what answers it."""

    control: Control
    state: str
    needs: list[Need]

    def __getattr__(self, name: str) -> object:
        """What the catalogue says of it."""
        return getattr(self.control, name)

    @property
    def missing(self) -> list[Need]:
        """What must be brought, the required first."""
        return sorted(
            (need for need in self.needs if need.state != FRESH), key=lambda need: not need.is_required
        )


@dataclass(frozen=True)
class SystemCoverage:
    """The answer for one system, over a framework or all of them."""

    system: UUID
    framework: str
    as_of: dt.datetime
    schema: str
    catalogue_digest: str
    counts: dict[str, int]
    statement: str
    controls: list[AnsweredControl]


def coverage_of(actor: Actor, system: AISystem, framework: str = "") -> SystemCoverage:
    """Ask every control of a framework. Raises InvalidInput for a framework that the catalogue does not have."""
    known = catalogue()
    if framework and framework not in known.frameworks:
        raise InvalidInput(f"There is no framework {framework[:40]}. Known: {', '.join(known.frameworks)}.")
    controls, scope, at = known.of(framework), scope_of(actor, system), now()
    gathered = evidence_gather(
        scope, {kind for control in controls for kind in control.evidence} | {ATTESTATION}
    )
    people = who_may(system)
    answered = [answer(control, scope, gathered, people, at) for control in controls]
    counts = {state: sum(each.state == state for each in answered) for state in (COMPLETE, PARTIAL, NONE)}
    return SystemCoverage(
        system.pk, framework, at, known.schema, known.digest, counts, _statement(counts, scope), answered
    )


def answer(
    control: Control,
    scope: Scope,
    gathered: Mapping[str, Sequence[Item]],
    people: Mapping[str, str],
    at: dt.datetime,
) -> AnsweredControl:
    """What answers one control. Where facts alone do not, a person's statement for this very control is required."""
    kinds = [*control.evidence]
    required = set(control.required)
    if control.needs_statement:
        required.add(ATTESTATION)
        kinds += [] if ATTESTATION in kinds else [ATTESTATION]
    needs = [
        _need(control, kind, kind in required, scope, gathered.get(kind, []), people, at) for kind in kinds
    ]
    holds = all(need.state == FRESH for need in needs if need.is_required)
    has_any = any(need.count for need in needs)
    return AnsweredControl(control, COMPLETE if holds else PARTIAL if has_any else NONE, needs)


def _need(
    control: Control, kind: str, is_required: bool, scope: Scope, items: Sequence[Item], people: Mapping[str, str],
    at: dt.datetime,
) -> Need:  # fmt: skip
    if kind == ATTESTATION and control.needs_statement:
        items = [item for item in items if item.control == control.id]
    days = control.fresh_days.get(kind, FRESH_DAYS.get(kind))
    seen = [SeenItem(item, item_state(item, days, at)) for item in items]
    state = kind_state(seen, scope)
    role, what = WHO[kind] if state != FRESH else ("", "")
    who = people.get(role, role)
    return Need(
        kind,
        catalogue().evidence_kinds[kind],
        is_required,
        state,
        days,
        seen[:ITEMS_SHOWN],
        len(seen),
        who,
        what,
    )


def item_state(item: Item, days: int | None, at: dt.datetime) -> str:
    """Whether one piece counts: it failed, it expired or grew old, or it is fresh."""
    if item.outcome == FAIL:
        return FAILED
    if item.expires_at is not None and item.expires_at <= at:
        return STALE
    if days is not None and (item.at is None or item.at < at - dt.timedelta(days=days)):
        return STALE
    return FRESH


def kind_state(seen: Sequence[SeenItem], scope: Scope) -> str:
    """Whether a kind is answered: by evidence about the system as a whole, or else about each version that it uses."""
    if any(each.state == FAILED for each in seen if each.kind in OPEN_ENDED):
        return FAILED
    whole = [each for each in seen if not each.item.subject]
    best_whole = _best(whole)
    if best_whole == FRESH or not scope.subjects or len(whole) == len(seen):
        return best_whole
    states = [_best([each for each in seen if each.item.subject == subject.id]) for subject in scope.subjects]
    return next((state for state in (MISSING, FAILED, STALE) if state in states), FRESH)


def _best(seen: Sequence[SeenItem]) -> str:
    states = {each.state for each in seen}
    return next((state for state in (FRESH, STALE, FAILED) if state in states), MISSING)


def who_may(system: AISystem) -> dict[str, str]:
    """Who stands behind each word for a person: the owner by name, the holders of a role."""
    names: dict[str, list[str]] = {}
    grants = Membership.objects.filter(
        workspace_id=system.workspace_id, user__is_active=True, role__in=_ROLES
    )
    for role, name in grants.order_by("user__username").values_list("role", "user__username"):
        names.setdefault(role, []).append(name)
    names[CONTRIBUTOR] = sorted({*names.get(CONTRIBUTOR, []), *names.get(MAINTAINER, [])})
    told = {role: _role_words(role, names.get(role, [])) for role in _ROLES}
    return told | {
        OWNER: f"{system.owner.username} (owner of the system)",
        "operator": "an operator of the portal",
    }


def _role_words(role: str, names: Sequence[str]) -> str:
    if not names:
        return f"{role} (nobody holds the role)"
    return f"{role}: {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}"


def _statement(counts: Mapping[str, int], scope: Scope) -> str:
    """What the figures say, and what they do not."""
    used = len(scope.subjects)
    versions = f"{used} version{'s' if used != 1 else ''} in use" if used else "no version in use"
    return (
        f"Of {sum(counts.values())} controls, {counts[COMPLETE]} have all the fresh evidence that the catalogue asks "
        f"for, {counts[PARTIAL]} have some, {counts[NONE]} have none ({versions}). Evidence is not a judgement: "
        "whether a duty is met is for people to decide."
    )

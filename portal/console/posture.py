"""How things stand: what is live without an approval, unsigned, unscanned or of unknown origin, and what is overdue.

Every figure is the length of a list that can be opened. A figure that nothing measures yet says so; it is never zero.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Replace
from django.urls import reverse

from compliance.models import (
    AccessReview,
    Approval,
    ApprovalRequest,
    Evidence,
    Finding,
    Policy,
    Recertification,
    Waiver,
)
from compliance.models.approvals import EFFECTIVE, PENDING_STATES
from compliance.selectors.asking import is_asked, policies_asking
from deployments.facts import LIVE
from deployments.models import Traffic
from deployments.selectors.unapproved import unapproved_traffic
from experiments.models import RunInput
from monitoring.selectors.monitors import alerts_of_drift, plans_overdue
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.console.records import record_address
from portal.kernel.clock import now
from registry.models import Assignment, ModelVersion
from registry.models.assignments import ALIAS
from registry.models.registered_model import NO_STAGE
from registry.proposals import ALIAS_MOVE, STAGE_MOVE
from registry.selectors.facts import model_tags
from registry.selectors.systems import risk_tier_of

LISTED_AT_MOST = 500
SOON = dt.timedelta(days=14)
REVIEW_EVERY = dt.timedelta(days=180)
_SCAN, _SIGNATURE = "artifact_scan", "signature"


@dataclass(frozen=True)
class Item:
    """One line of a list: what it is, where, why it stands there, since when or until when, and its record."""

    label: str
    workspace: str
    why: str
    at: dt.datetime | None
    url: str


@dataclass(frozen=True)
class Figure:
    """One question: `find` answers it with items. `severity` is how the figure looks when there are any."""

    key: str
    label: str
    text: str
    severity: str
    find: Callable[[Actor], Iterable[Item]]


@dataclass(frozen=True)
class Measured:
    """A figure with its items; at most `LISTED_AT_MOST` are looked for."""

    figure: Figure
    items: list[Item] = field(default_factory=list)

    @property
    def count(self) -> str:
        return f"{LISTED_AT_MOST}+" if len(self.items) > LISTED_AT_MOST else str(len(self.items))

    @property
    def look(self) -> str:
        return self.figure.severity if self.items else "ok"


def measured(actor: Actor, key: str) -> Measured | None:
    """One figure, or None when there is no such."""
    figure = next((each for each in FIGURES if each.key == key), None)
    return None if figure is None else _measure(actor, figure)


def posture(actor: Actor) -> list[Measured]:
    """All figures over what the actor sees."""
    return [_measure(actor, figure) for figure in FIGURES]


def _measure(actor: Actor, figure: Figure) -> Measured:
    return Measured(figure, list(figure.find(actor))[: LISTED_AT_MOST + 1])


def _seen(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    ids = actor.workspace_ids
    return (rows if ids is None else rows.filter(workspace_id__in=ids)).select_related("workspace")


def _live(actor: Actor) -> QuerySet[ModelVersion]:
    """Versions that an alias or a stage means now, or that an endpoint sends requests to."""
    held = Assignment.objects.filter(version=OuterRef("pk"), valid_to=None).exclude(name=NO_STAGE)
    served = Traffic.objects.filter(revision__version=OuterRef("pk"), valid_to=None, role=LIVE)
    is_live = Exists(held) | Exists(served)
    rows = _seen(actor, ModelVersion.objects.filter(is_live, deleted_at=None, model__is_prompt=False))
    return rows.select_related("workspace", "model").order_by("-pk")


def _unapproved(actor: Actor) -> Iterable[Item]:
    held = (
        _seen(actor, Assignment.objects.filter(valid_to=None))
        .exclude(name=NO_STAGE)
        .exclude(approval__state=EFFECTIVE)
    )
    policies = policies_asking()
    rows = (
        held.select_related("workspace", "model", "version", "approval").order_by("-pk")
        if policies
        else held.none()
    )
    for each in rows.iterator(chunk_size=500):
        if _is_protected(each, policies):
            why = f"its approval is {each.approval.state}" if each.approval else "it has no approval"
            label = f"{each.kind} {each.name} of {each.model.name} means v{each.version.version}"
            yield _item(each, label, f"A policy protects it, and {why}.", each.valid_from)


def _unapproved_traffic(actor: Actor) -> Iterable[Item]:
    for each in unapproved_traffic(actor):
        held = each.traffic
        label = f"{held.endpoint.name} sends {held.percent} % to {held.revision.version}"
        address = f"/endpoints/{held.endpoint.name}"
        yield Item(label, held.endpoint.workspace.name, each.why, held.valid_from, address)


def _is_protected(held: Assignment, policies: Sequence[Policy]) -> bool:
    """Whether a policy in force asks for an approval of what the interval says; rules are not asked."""
    selectors = {
        "model": held.model.name, held.kind: held.name, "tags": model_tags(held.model),
        "risk_tier": risk_tier_of(held.model),
    }  # fmt: skip
    act = ALIAS_MOVE if held.kind == ALIAS else STAGE_MOVE
    return is_asked(policies, workspace_id=held.workspace_id, act=act, selectors=selectors)


def _without(kind: str, text: str) -> Callable[[Actor], Iterable[Item]]:
    """Live versions whose newest evidence of a kind, for these very files, is not there or did not pass."""

    def find(actor: Actor) -> Iterable[Item]:
        about = Evidence.objects.filter(
            subject_type="modelversion",
            subject_id=OuterRef("key"),
            kind=kind,
            subject_digest=OuterRef("digest"),
        )
        key = Replace(Cast("pk", CharField()), Value("-"), Value(""))
        rows = _live(actor).annotate(key=key, newest=Subquery(about.order_by("-pk").values("outcome")[:1]))
        for version in rows.filter(~Q(newest="pass") | Q(newest=None))[: LISTED_AT_MOST + 1]:
            yield _item(
                version, str(version), f"{text}: {version.newest or 'nothing recorded'}.", version.ready_at
            )

    return find


def _unknown_lineage(actor: Actor) -> Iterable[Item]:
    inputs = RunInput.objects.filter(run=OuterRef("run_id"), dataset__isnull=False)
    rows = _live(actor).annotate(has_data=Exists(inputs)).filter(has_data=False)
    for version in rows[: LISTED_AT_MOST + 1]:
        why = "It names no run." if version.run_id is None else "Its run recorded no dataset."
        yield _item(version, str(version), why, version.ready_at)


def _overdue_findings(actor: Actor) -> Iterable[Item]:
    rows = _seen(actor, Finding.objects.filter(is_open=True, due_at__lt=now())).select_related(
        "workspace", "owner"
    )
    for each in rows.order_by("due_at")[: LISTED_AT_MOST + 1]:
        owner = each.owner.username if each.owner else "nobody"
        yield _item(
            each, each.title, f"{each.severity}, {each.subject_label}, {owner} sees to it.", each.due_at
        )


def _overdue_recertifications(actor: Actor) -> Iterable[Item]:
    rows = _seen(actor, Recertification.objects.filter(completed_at=None, due_at__lt=now()))
    for each in rows.order_by("due_at")[: LISTED_AT_MOST + 1]:
        yield _item(each, each.subject_label, f"Asked for by {each.trigger.replace('_', ' ')}.", each.due_at)


def _drifting(actor: Actor) -> Iterable[Item]:
    """Open alerts about drift; silenced ones count, as a silence ends nothing."""
    for each in alerts_of_drift(actor)[: LISTED_AT_MOST + 1]:
        where = each.monitor.endpoint
        why = f"{each.state}, seen {each.count} times at {where.name} ({where.environment})."
        yield Item(each.title, each.workspace.name, why, each.opened_at, reverse("alert", args=[each.pk]))


def _overdue_plans(actor: Actor) -> Iterable[Item]:
    for each in plans_overdue(actor)[: LISTED_AT_MOST + 1]:
        address = reverse("system-plan", args=[each.system_id])
        why = f"{each.reviewer.username} reviews it every {each.review_every_days} days."
        yield Item(each.system.name, each.workspace.name, why, each.next_due_at, address)


def _ending_waivers(actor: Actor) -> Iterable[Item]:
    rows = _seen(actor, Waiver.objects.filter(state="granted", expires_at__lt=now() + SOON, ended_at=None))
    for each in rows.order_by("expires_at")[: LISTED_AT_MOST + 1]:
        yield _item(each, str(each), f"From {each.policy_name} / {each.rule}.", each.expires_at)


def _stale_requests(actor: Actor) -> Iterable[Item]:
    rows = _seen(
        actor,
        ApprovalRequest.objects.filter(state__in=PENDING_STATES, expires_at__lt=now() + dt.timedelta(days=2)),
    )
    for each in rows.order_by("expires_at")[: LISTED_AT_MOST + 1]:
        yield _item(each, str(each), f"It is {each.state.replace('_', ' ')} and expires.", each.expires_at)


def _unconfirmed(actor: Actor) -> Iterable[Item]:
    rows = _seen(actor, Approval.objects.filter(state=EFFECTIVE, confirm_by__isnull=False, confirmed_at=None))
    for each in rows.select_related("workspace", "request").order_by("confirm_by")[: LISTED_AT_MOST + 1]:
        yield _item(each, str(each.request), "One person decided; a second has to confirm.", each.confirm_by)


def _unreviewed(actor: Actor) -> Iterable[Item]:
    """Workspaces whose access nobody has looked at for half a year."""
    recent = AccessReview.objects.filter(workspace=OuterRef("pk"), completed_at__gt=now() - REVIEW_EVERY)
    ids = actor.workspace_ids
    rows = Workspace.objects.filter(~Exists(recent)).filter(Q() if ids is None else Q(pk__in=ids))
    for each in rows.order_by("name")[: LISTED_AT_MOST + 1]:
        last = (
            AccessReview.objects.filter(workspace=each, completed_at__isnull=False)
            .order_by("-completed_at")
            .first()
        )
        why = "Its access was never reviewed." if last is None else "The last review is older than 180 days."
        yield Item(
            each.name,
            each.name,
            why,
            last.completed_at if last else None,
            record_address("workspace", str(each.pk)),
        )


def _item(row: Any, label: str, why: str, at: dt.datetime | None) -> Item:
    address = record_address(row._meta.model_name, str(row.pk))
    return Item(label, row.workspace.name, why, at, address)


FIGURES = (
    Figure("unapproved", "Unapproved", "protected aliases and stages without an effective approval", "bad",
           _unapproved),
    Figure("unapproved-deployments", "Unapproved deployments",
           "what serves in a protected environment without an effective approval", "bad", _unapproved_traffic),
    Figure("unconfirmed", "Break-glass unconfirmed", "emergency approvals that wait for a second person", "bad",
           _unconfirmed),
    Figure("unscanned", "Unscanned", "live versions whose newest scan is not clean", "bad", _without(_SCAN, "Scan")),
    Figure("unsigned", "Unsigned", "live versions without a signature that verified", "bad",
           _without(_SIGNATURE, "Signature")),
    Figure("unknown-lineage", "Unknown lineage", "live versions that do not say what they were made from", "warn",
           _unknown_lineage),
    Figure("findings", "Overdue findings", "open findings past their date", "bad", _overdue_findings),
    Figure("recertifications", "Overdue re-certifications", "approvals in force that were not renewed in time", "bad",
           _overdue_recertifications),
    Figure("drifting", "Drifting", "open alerts that live data or predictions left their reference", "warn", _drifting),
    Figure("plans", "Overdue plan reviews", "post-market plans that were not reviewed in time", "bad",
           _overdue_plans),
    Figure("waivers", "Waivers about to end", "granted exceptions that end within 14 days", "warn", _ending_waivers),
    Figure("requests", "Requests about to expire", "waiting for decisions, and nearly out of time", "warn",
           _stale_requests),
    Figure("access-reviews", "Access not reviewed", "workspaces without a review in 180 days", "warn", _unreviewed),
)  # fmt: skip

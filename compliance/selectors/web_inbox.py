"""The inbox: everything that waits for one person, what is due first on top."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from compliance.models import ApprovalRequest, Finding, PolicyVersion, Waiver
from compliance.models.policies import PROPOSED
from compliance.selectors.recertifications import SOON, excluded_of, upcoming
from compliance.selectors.waiting import CONFIRM, DECIDE, DELEGATED, MEND, requests_waiting
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now

AT_MOST = 200
_REQUESTS = {
    DECIDE: "Your decision", DELEGATED: "Your decision, for {name}", CONFIRM: "Your confirmation after break-glass",
    MEND: "Yours to mend and submit",
}  # fmt: skip
# Whether there is any of a kind, for whomever: mostly there is none, and every page asks for the inbox.
_ANY = """
SELECT EXISTS (SELECT FROM compliance_waiver WHERE state = 'requested'),
    EXISTS (SELECT FROM compliance_policyversion WHERE state = %(proposed)s),
    EXISTS (SELECT FROM compliance_finding WHERE owner_id = %(me)s AND is_open),
    EXISTS (SELECT FROM compliance_recertification WHERE completed_at IS NULL AND due_at <= %(soon)s)
"""


@dataclass(frozen=True)
class Item:
    """One thing that waits: what it is, what is asked of the person, and until when."""

    label: str
    asked: str
    kind: str
    workspace: str
    url: str
    due_at: dt.datetime | None
    since: dt.datetime

    @property
    def is_overdue(self) -> bool:
        return self.due_at is not None and self.due_at < now()


def inbox(actor: Actor) -> list[Item]:
    """All that waits for the actor: requests, waivers, policies, findings and re-certifications."""
    if actor.user_id is None:
        return []
    asked = {"proposed": PROPOSED, "me": actor.user_id, "soon": now() + SOON}
    parts = zip((_waivers, _policies, _findings, _recertifications), sql.row(_ANY, asked) or (), strict=True)
    items = _requests(actor) + [item for part, is_any in parts if is_any for item in part(actor)]
    far = now() + dt.timedelta(days=36_500)
    return sorted(items, key=lambda item: (item.due_at or far, item.since))


def _requests(actor: Actor) -> list[Item]:
    waiting = {each.request_id: each for each in requests_waiting(actor)[:AT_MOST]}
    if not waiting:
        return []
    found = ApprovalRequest.objects.filter(pk__in=waiting).select_related("workspace", "approval")
    items = []
    for request in found:
        each = waiting[request.pk]
        due_at = request.approval.confirm_by if each.kind == CONFIRM else request.expires_at
        name = "somebody who is away" if each.kind == DELEGATED else ""
        items.append(
            Item(
                label=str(request), asked=_REQUESTS[each.kind].format(name=name), kind="request",
                workspace=request.workspace.name, url=reverse("request", args=[request.pk]), due_at=due_at,
                since=request.opened_at or request.created_at,
            )
        )  # fmt: skip
    return items


def _waivers(actor: Actor) -> list[Item]:
    """Those that the actor may grant: asked for by others, about work of others."""
    ids = access.workspaces_allowing(actor, "compliance.waiver.decide")
    asked = Waiver.objects.filter(state="requested", expires_at__gt=now()).exclude(
        requested_by_id=actor.user_id
    )
    if ids is not None:
        asked = asked.filter(workspace_id__in=ids)
    return [
        Item(
            label=str(each), asked="Grant or refuse it", kind="waiver", workspace=each.workspace.name,
            url=reverse("waiver", args=[each.pk]), due_at=each.expires_at, since=each.requested_at,
        )
        for each in asked.select_related("workspace")[:AT_MOST]
        if actor.user_id not in each.excluded
    ]  # fmt: skip


def _policies(actor: Actor) -> list[Item]:
    """Versions that another person proposed and the actor may publish."""
    here = [pk for pk, roles in actor.roles.items() if "approver" in roles]
    mine = Q(workspace_id__in=here) | (Q(workspace=None) if actor.is_operator else Q(pk=None))
    proposed = PolicyVersion.objects.filter(mine, state=PROPOSED).exclude(proposed_by_id=actor.user_id)
    if not access.allows(actor, "compliance.policy.publish") and not here:
        return []
    return [
        Item(
            label=str(each), asked="Publish or reject it", kind="policy",
            workspace=each.workspace.name if each.workspace else "every workspace",
            url=reverse("policy-version", args=[each.policy_id, each.number]), due_at=None, since=each.proposed_at,
        )
        for each in proposed.select_related("policy", "workspace")[:AT_MOST]
    ]  # fmt: skip


def _findings(actor: Actor) -> list[Item]:
    owned = Finding.objects.filter(owner_id=actor.user_id, is_open=True).select_related("workspace")
    if actor.workspace_ids is not None:
        owned = owned.filter(workspace_id__in=actor.workspace_ids)
    return [
        Item(
            label=each.title, asked=f"See to it: {each.severity}", kind="finding", workspace=each.workspace.name,
            url=reverse("finding", args=[each.pk]), due_at=each.due_at, since=each.opened_at,
        )
        for each in owned[:AT_MOST]
    ]  # fmt: skip


def _recertifications(actor: Actor) -> list[Item]:
    """Those that are due within two weeks or overdue, of approvals that the actor did not ask for, of others' work."""
    ids = access.workspaces_allowing(actor, "compliance.recertification.complete")
    near = upcoming() if ids is None else upcoming().filter(workspace_id__in=ids)
    return [
        Item(
            label=str(each), asked="Renew or revoke it", kind="recertification", workspace=each.workspace.name,
            url=reverse("recertification", args=[each.pk]), due_at=each.due_at, since=each.created_at,
        )
        for each in near.select_related("workspace", "approval__request")[:AT_MOST]
        if each.approval and actor.user_id not in excluded_of(each)
    ]  # fmt: skip

"""Waivers: a granted exception from one rule of one policy for one subject with exactly these files, until a date."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from compliance.models import Waiver
from compliance.policies.evaluation import HOLDING
from compliance.services.gate import Assessment, act_get, assess
from compliance.services.persons import person_of, persons_excluded
from compliance.services.requests import account_of, text_check
from compliance.services.telling import waiver_tell
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.accounts.signin.proof import Proof
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from portal.operations import Changed, operation

REQUESTED, GRANTED, REFUSED, ENDED = "requested", "granted", "refused", "ended"
LONGEST = dt.timedelta(days=90)


def waiver_purpose(waiver: Waiver) -> str:
    """What a proof for a decision about this waiver is for."""
    return f"waiver:{waiver.pk.hex}"


@operation("compliance.waiver.request", on="workspace", lock="share")
def waiver_request(
    *, actor: Actor, workspace: Workspace, act: str, subject_id: str, params: Mapping[str, Any], policy_name: str,
    rule: str, reason: str, expires_at: dt.datetime, compensating_control: str = "",
) -> Waiver:  # fmt: skip
    """Ask for an exception from a rule that does not hold and that its policy lets people waive."""
    _words_check(reason, compensating_control, expires_at)
    requester_id = account_of(actor)
    proposal = act_get(act).propose(subject_id, params)
    subject = proposal.subject
    if subject.workspace_id != workspace.pk:
        raise NotFound(f"No such {subject.type} in {workspace}, or you may not see it.")
    access.require(actor, act, subject)
    found = assess(proposal)
    _rule_check(found, policy_name, rule)
    same = Waiver.objects.filter(
        workspace=workspace, policy_name=policy_name, rule=rule, subject_type=subject.type, subject_id=subject.id,
        subject_digest=subject.digest, state__in=[REQUESTED, GRANTED], expires_at__gt=found.at,
    ).first()  # fmt: skip
    if same is not None:
        raise Conflict(f"There is a {same} already; it is {same.state}.", code="already_exists")
    made = Waiver.objects.create(
        workspace=workspace, policy_name=policy_name, rule=rule, subject_type=subject.type, subject_id=subject.id,
        subject_label=subject.label[:400], subject_digest=subject.digest, reason=reason,
        compensating_control=compensating_control, requested_by_id=requester_id, expires_at=expires_at,
        excluded=sorted(persons_excluded(found, requested_by_id=requester_id)),
    )  # fmt: skip
    waiver_tell(actor, made)
    return made


@operation("compliance.waiver.decide", on="waiver")
def waiver_decide(
    *, actor: Actor, waiver: Waiver, grants: bool, proof: Proof, reason: str = ""
) -> Changed[Waiver]:
    """Grant or refuse, as a second person who is an approver and not excluded."""
    proof.spend(user_id=actor.user_id, purpose=waiver_purpose(waiver))
    text_check(reason)
    person = person_of(actor)
    if person.pk in waiver.excluded or person.pk == waiver.requested_by_id:
        raise PermissionDenied(
            f"{person.username} cannot decide about the {waiver}: they asked for it, it is their work, or a policy "
            "excludes them. Another approver has to.", code="excluded",
        )  # fmt: skip
    if waiver.state != REQUESTED or waiver.expires_at <= now():
        raise Conflict(f"The {waiver} is {waiver.state} or too old to be decided.", code="invalid_state")
    if not grants and not reason.strip():
        raise InvalidInput("Say why the waiver is refused.", code="reason_missing")
    waiver.state, waiver.decided_by, waiver.decided_at = GRANTED if grants else REFUSED, person, now()
    waiver.save(update_fields=["state", "decided_by", "decided_at"])
    waiver_tell(actor, waiver)
    return _changed(waiver, REQUESTED)


@operation("compliance.waiver.end", on="waiver")
def waiver_end(*, actor: Actor, waiver: Waiver, reason: str) -> Changed[Waiver]:
    """End a waiver before its time, or one whose time is over."""
    text_check(reason)
    before = waiver.state
    if before not in (REQUESTED, GRANTED):
        raise Conflict(f"The {waiver} is {before} already.", code="invalid_state")
    waiver.state, waiver.ended_at = ENDED, now()
    waiver.save(update_fields=["state", "ended_at"])
    return _changed(waiver, before)


def _changed(waiver: Waiver, before: str) -> Changed[Waiver]:
    after = {"state": waiver.state, "policy": waiver.policy_name, "rule": waiver.rule}
    return Changed(waiver, before={"state": before}, after=after, subject=waiver)


def _words_check(reason: str, control: str, expires_at: dt.datetime) -> None:
    text_check(reason)
    text_check(control)
    if not reason.strip():
        raise InvalidInput("Say why the rule should be waived.", code="reason_missing")
    if expires_at.tzinfo is None or not now() < expires_at <= now() + LONGEST:
        raise InvalidInput(f"A waiver ends within {LONGEST.days} days from now, at a time with its zone.")


def _rule_check(found: Assessment, policy_name: str, rule: str) -> None:
    """Raise unless the rule is one that applies, does not hold, and may be waived."""
    checks = [
        each for each in found.evaluated.checks if (each["policy"], each["rule"]) == (policy_name, rule)
    ]
    if not checks:
        raise NotFound(f"No policy {policy_name[:100]} with a rule {rule[:100]} applies to this act.")
    if not any(each["waivable"] for each in checks):
        raise Conflict(
            f"The rule {policy_name}/{rule} cannot be waived; its policy says so.", code="not_waivable"
        )
    if all(each["outcome"] in HOLDING for each in checks):
        raise Conflict(f"The rule {policy_name}/{rule} holds; there is nothing to waive.", code="not_needed")

"""What deploying does to the rows, whoever asks: a revision, and the roll-out that brings traffic to it."""

from collections.abc import Mapping
from typing import Any

from compliance.models import Approval
from deployments.facts import ABORTED, ROLLOUT_GOES_ON, RUNNING
from deployments.models import Endpoint, Revision, Rollout
from deployments.routes import reconcile_ask
from deployments.split import split_now
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from registry.models import ModelVersion
from registry.models.registered_model import READY


def revision_make(
    actor: Actor, endpoint: Endpoint, version: ModelVersion, rollout: Mapping[str, Any], *,
    approval: Approval | None, reason: str,
) -> Revision:  # fmt: skip
    """Make a revision and its roll-out, and ask for both to happen. The caller holds endpoint and version."""
    if version.status != READY or not version.digest:
        raise Conflict(
            f"{version} is {version.status} and cannot be deployed: only a READY version has files that somebody has "
            "read. Wait until it is READY, or register it anew where that failed.", code="not_ready",
        )  # fmt: skip
    endpoint.last_number += 1
    endpoint.save(update_fields=["last_number"])
    made = Revision.objects.create(
        endpoint=endpoint, number=endpoint.last_number, version=version, digest=version.digest, approval=approval,
        settings={"resources": endpoint.settings["resources"]}, reason=reason[:2000], created_by_id=actor.user_id,
        made_by=actor.reference, made_by_name=actor.name[:200], created_at=now(),
    )  # fmt: skip
    rollout_begin(actor, endpoint, made, rollout, reason="Another revision was deployed.")
    return made


def rollout_begin(
    actor: Actor, endpoint: Endpoint, revision: Revision, rollout: Mapping[str, Any], *, reason: str
) -> Rollout:
    """Begin to bring traffic to a revision; one that still goes on is over, and the split stays where it is."""
    rollouts_abort(endpoint, reason)
    revision.desired_state = RUNNING
    revision.stopped_at = None
    revision.save(update_fields=["desired_state", "stopped_at"])
    before = [{"revision": number, "percent": percent} for number, percent in split_now(endpoint).items()]
    made = Rollout.objects.create(
        endpoint=endpoint, revision=revision, strategy=rollout["strategy"], steps=rollout["steps"],
        guards=rollout["guards"], before=before, started_by=actor.reference, started_by_name=actor.name[:200],
        created_at=now(),
    )  # fmt: skip
    reconcile_ask(actor, endpoint)
    return made


def rollouts_abort(endpoint: Endpoint, why: str) -> None:
    """End what goes on at an endpoint without moving traffic."""
    Rollout.objects.filter(endpoint=endpoint, state__in=ROLLOUT_GOES_ON).update(
        state=ABORTED, outcome=why[:2000], ended_at=now()
    )

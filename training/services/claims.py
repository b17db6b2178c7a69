"""Claims of work on clusters: made with a submission, open while it runs, exchanged once, ended with it."""

import datetime as dt
import json
import secrets
from ipaddress import ip_address
from typing import Any

from django.conf import settings

from jobs.secrets import secret_decrypt, secret_encrypt
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, PermissionDenied
from portal.operations import Changed, operation
from training.models import TrainingClaim, TrainingJob
from training.models.claims import code_digest
from training.selectors.claims import USED

MAKE, OPEN, END = "training.claim.make", "training.claim.open", "training.claim.end"
REDEEM, CONTEST = "training.claim.redeem", "training.claim.contest"
CLEAR = "training.claim.clear"
CLAIM_ACTIONS = (MAKE, OPEN, END)
OPEN_FOR = dt.timedelta(minutes=10)


@operation(MAKE, on="training")
def claim_make(*, actor: Actor, training: TrainingJob, key: str, order: dict[str, Any]) -> Changed[str]:
    """The code of a new claim, which is shown once and stands for `order`; earlier claims of the training end."""
    TrainingClaim.objects.filter(training=training, ended_at=None).update(ended_at=now(), sealed="")
    code = secrets.token_urlsafe(32)
    claim = TrainingClaim(training=training, key=key, digest=code_digest(code), created_at=now())
    claim.sealed = secret_encrypt(training.workspace_id, _name(claim), json.dumps(order))
    claim.save()
    return Changed(code, before={}, after={"key": key}, subject=claim)


@operation(OPEN, on="claim")
def claim_open(*, actor: Actor, claim: TrainingClaim) -> TrainingClaim:
    """Let the claim be exchanged for a while, now that its submission runs."""
    if claim.redeemed_at is None and claim.ended_at is None:
        claim.expires_at = now() + OPEN_FOR
        claim.save(update_fields=["expires_at"])
    return claim


@operation(REDEEM, on="claim")
def claim_redeem(*, actor: Actor, claim: TrainingClaim, address: str | None) -> Changed[dict[str, Any]]:
    """Hand out the order of a claim with a session, and forget both.

    Raises Conflict (`claim_used`, `claim_over`), and PermissionDenied for an address that is in none of
    the networks of clusters.
    """
    _network_check(claim, address)
    if claim.redeemed_at is not None:
        raise Conflict(f"The {claim} was used before, and a claim holds once.", code=USED)
    if claim.ended_at is not None or claim.expires_at is None or claim.expires_at <= now():
        raise Conflict(
            f"The {claim} is over: it was not used in time, or the attempt has ended.", code="claim_over"
        )
    order = json.loads(secret_decrypt(claim.workspace_id, _name(claim), claim.sealed))
    session = secrets.token_urlsafe(32)
    claim.sealed, claim.session = "", code_digest(session)
    claim.redeemed_at, claim.redeemed_from = now(), address
    claim.save(update_fields=["sealed", "session", "redeemed_at", "redeemed_from"])
    return Changed(
        {**order, "id": str(claim.pk), "session": session}, before={}, after={"redeemed_from": address}
    )


@operation(CONTEST, on="claim")
def claim_contest(*, actor: Actor, claim: TrainingClaim, address: str | None) -> TrainingClaim:
    """Note that a used code was shown again: one of the two was not who it was made for."""
    claim.contested_at, claim.contested_from = claim.contested_at or now(), claim.contested_from or address
    claim.save(update_fields=["contested_at", "contested_from"])
    return claim


@operation(END, on="claim")
def claim_end(*, actor: Actor, claim: TrainingClaim) -> TrainingClaim:
    """Nothing more is handed out or taken in; ending it again changes nothing."""
    claim.ended_at, claim.sealed = claim.ended_at or now(), ""
    claim.save(update_fields=["ended_at", "sealed"])
    return claim


@operation(CLEAR, on="claim")
def claim_clear(*, actor: Actor, claim: TrainingClaim) -> TrainingClaim:
    """Note that the archives of an ended claim are gone."""
    claim.cleared_at = now()
    claim.save(update_fields=["cleared_at"])
    return claim


def _name(claim: TrainingClaim) -> str:
    return f"claim {claim.key}"


def _network_check(claim: TrainingClaim, address: str | None) -> None:
    networks: list[Any] = settings.EXECUTORS_NETWORKS
    if networks and not any(ip_address(address or "0.0.0.0") in network for network in networks):  # noqa: S104
        raise PermissionDenied(
            f"The {claim} was shown from {address}, which is in no network of a cluster. An operator lists those in "
            "EXECUTORS_NETWORKS."
        )

"""`Idempotency-Key`: a creating request that is sent twice is done once and answered twice.

The key belongs to its caller for a day. A second request with another body is a conflict, and so is one that
comes while the first still runs. A request that was refused leaves no trace, so that it can be corrected.
"""

import datetime as dt
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from portal.accounts.actor import Actor
from portal.api.models import IdempotencyKey
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput

KEPT_FOR = dt.timedelta(days=1)
# A request that has not finished by then was killed; its key may be used again.
ABANDONED_AFTER = dt.timedelta(minutes=2)
LONGEST_KEY = 255


def fingerprint_of(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same one."""
    request = b"\0".join([method.encode(), path.encode(), body])
    # Keyed: a body may hold a password, which could be tried out against a plain digest.
    return salted_hmac("portal.api.idempotency", request, algorithm="sha256").digest()


def claim(actor: Actor, key: str, fingerprint: bytes) -> IdempotencyKey:
    """The row of this key: new and empty, or one with the answer of the first request. Raises Conflict."""
    if not key.isprintable() or len(key) > LONGEST_KEY:
        raise InvalidInput(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    stale = Q(created_at__lt=now() - KEPT_FOR) | Q(status=None, created_at__lt=now() - ABANDONED_AFTER)
    IdempotencyKey.objects.filter(stale).delete()
    caller = str(actor.token_id or actor.reference)
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                caller=caller, key=key, fingerprint=fingerprint, created_at=now()
            )
    except IntegrityError:
        return _known(caller, key, fingerprint)


def _known(caller: str, key: str, fingerprint: bytes) -> IdempotencyKey:
    found = IdempotencyKey.objects.filter(caller=caller, key=key).first()
    if found is None or (found.status is None and bytes(found.fingerprint) == fingerprint):
        raise Conflict(
            "The first request with this Idempotency-Key still runs. Try again.", code="still_running"
        )
    if bytes(found.fingerprint) != fingerprint:
        raise Conflict(
            "This Idempotency-Key was used for another request. Choose a new one.", code="key_reused"
        )
    return found


def finish(claimed: IdempotencyKey, status: int, render: Callable[[], bytes | None]) -> None:
    """Keep the answer of a request that was done; forget one that was refused."""
    if status >= 300:
        claimed.delete()
        return
    IdempotencyKey.objects.filter(pk=claimed.pk).update(status=status, body=render())

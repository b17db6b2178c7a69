"""Reads of claims."""

from portal.kernel.errors import Conflict, NotFound, Unauthenticated
from training.models import TrainingClaim
from training.models.claims import code_digest

EARLY, USED = "claim_early", "claim_used"


def claim_of_code(code: str) -> TrainingClaim:
    """The claim whose code somebody shows.

    Raises Unauthenticated, and Conflict where trying costs nothing and shall leave no trail of its own: before the
    portal has seen the work run (`claim_early`), and when it is known already that two have shown it (`claim_used`).
    """
    found = TrainingClaim.objects.filter(digest=code_digest(code)).select_related("training").first()
    if found is None:
        raise Unauthenticated("No such claim.")
    if found.expires_at is None and found.ended_at is None:
        raise Conflict(f"The {found} is not open: the portal has not seen its work run yet.", code=EARLY)
    if found.contested_at is not None:
        raise Conflict(f"The {found} was used before, and a claim holds once.", code=USED)
    return found


def claim_of_session(session: str) -> TrainingClaim:
    """The claim that was exchanged for this session. Raises Unauthenticated, also when it is over."""
    found = TrainingClaim.objects.filter(session=code_digest(session), ended_at=None)
    claim = found.select_related("training").first()
    if claim is None:
        raise Unauthenticated("No such claim, or it is over.")
    return claim


def claim_own(claim: TrainingClaim, claim_id: object) -> TrainingClaim:
    """The caller's claim, when that is the one that is asked for. Raises NotFound."""
    if claim.pk != claim_id:
        raise NotFound("No such claim, or it is over.")
    return claim

"""Proofs without the forms of sign-in, for tests that are about what comes after."""

from portal.accounts.models import User
from portal.accounts.signin import proof as module
from portal.accounts.signin.proof import Proof


def proof_of(user: User, purpose: str) -> Proof:
    return Proof(module._MAKER, user_id=user.pk, purpose=purpose)

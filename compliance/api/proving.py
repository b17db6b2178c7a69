"""A decision by the API proves who decides: a token alone never does."""

from typing import Any

from rest_framework.request import Request

from portal.accounts.actor import Actor
from portal.accounts.selectors import self_get
from portal.accounts.signin.proof import Proof, proof_way, prove


def proof_given(request: Request, actor: Actor, given: dict[str, Any], *, purpose: str) -> Proof:
    """The proof from the `code` or `password` of the body. Raises PermissionDenied."""
    person = self_get(actor)
    secret = given.get("code") if proof_way(person) == "code" else given.get("password")
    return prove(request._request, secret or "", purpose=purpose, user=person)

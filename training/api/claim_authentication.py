"""The program on a node calls with the session that it got for its claim; no account stands behind it."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from portal.accounts.actor import Actor
from portal.api.authentication import request_id_of
from portal.api.throttling import ActorThrottle
from training.models import TrainingClaim
from training.selectors.claims import claim_of_session

READ, REPORT = "training.claim.read", "training.claim.report"
SCHEME = "Bearer "


class ClaimAuthentication(BaseAuthentication):
    """Bearer with the session of a claim; `request.auth` is the claim."""

    def authenticate(self, request: Request) -> tuple[Actor, TrainingClaim] | None:
        header = str(request.META.get("HTTP_AUTHORIZATION") or "")
        if not header.startswith(SCHEME):
            return None
        claim = claim_of_session(header.removeprefix(SCHEME).strip())
        actor = Actor.system("training.claims", actions=[READ, REPORT], request_id=request_id_of(request))
        return actor, claim

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="portal"'


class ClaimThrottle(ActorThrottle):
    """Each claim is counted by itself."""

    def get_cache_key(self, request: Request, view: Any) -> str:
        if isinstance(request.auth, TrainingClaim):
            return f"api:throttle:claim:{request.auth.pk}"
        return f"api:throttle:{self.get_ident(request)}"


class ClaimScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document describes sessions of claims."""

    target_class = "training.api.claim_authentication.ClaimAuthentication"
    name = "claim"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}

"""A bound on calls per caller, counted in Redis for all web processes together."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from portal.accounts.actor import Actor


class ActorThrottle(SimpleRateThrottle):
    """Per token or user; strangers are counted by address."""

    scope = "actor"

    def get_cache_key(self, request: Request, view: Any) -> str:
        actor = request.user
        if isinstance(actor, Actor):
            return f"api:throttle:{actor.token_id or actor.reference}"
        return f"api:throttle:{self.get_ident(request)}"

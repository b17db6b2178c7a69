"""What people do with the roll-out that goes on at an endpoint."""

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from deployments.api import serializers as shapes
from deployments.selectors.endpoints import endpoint_get, rollout_now
from deployments.services.rollouts import rollout_abort, rollout_pause, rollout_promote, rollout_resume
from portal.api.base import ApiView, Serializers


class RolloutAct(ApiView):
    """One act on the roll-out that goes on. Raises Conflict (`no_rollout`) where there is none."""

    inputs: ClassVar[Serializers] = {"POST": shapes.ReasonOrNoneInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.RolloutOutput}
    act: ClassVar[Callable[..., Any]]

    def post(self, request: Request, name: str) -> Response:
        given, endpoint = self.given, endpoint_get(self.actor, name)
        changed = type(self).act(actor=self.actor, endpoint=endpoint, rollout=rollout_now(endpoint), **given)
        return self.answer(changed)


class RolloutPauses(RolloutAct):
    """Keep the split that there is."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.rollout.pause"}
    act = staticmethod(rollout_pause)


class RolloutResumes(RolloutAct):
    """Go on with the step that it was at."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.rollout.resume"}
    act = staticmethod(rollout_resume)


class RolloutAborts(RolloutAct):
    """Give the traffic back to what had it before."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.rollout.abort"}
    inputs: ClassVar[Serializers] = {"POST": shapes.EndpointReasonInput}
    act = staticmethod(rollout_abort)


class RolloutPromotions(RolloutAct):
    """Give the revision all traffic now."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.rollout.promote"}
    act = staticmethod(rollout_promote)

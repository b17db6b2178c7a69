"""Endpoints under /api/v1/endpoints. Predictions are asked of the gateway, not here."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from deployments.api import serializers as shapes
from deployments.deploying import deploy_or_request
from deployments.models import Endpoint
from deployments.selectors.endpoints import (
    drills_of,
    endpoint_get,
    endpoints_visible,
    revision_before,
    revision_get,
    revisions_of,
    rollouts_of,
    traffic_of,
    version_of,
)
from deployments.selectors.gate import deploy_preview
from deployments.services.endpoints import (
    endpoint_create,
    endpoint_delete,
    endpoint_drill,
    endpoint_start,
    endpoint_stop,
    endpoint_update,
)
from deployments.services.revisions import revision_rollback
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery


class EndpointView(ApiView):
    """A resource below an endpoint."""

    def endpoint(self, name: str) -> Endpoint:
        return endpoint_get(self.actor, name)


class EndpointList(EndpointView):
    """Endpoints, newest first."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "deployments.endpoint.list", "POST": "deployments.endpoint.create",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"GET": shapes.EndpointQuery, "POST": shapes.EndpointInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.EndpointOutput, "POST": shapes.EndpointOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, endpoints_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "environment" in given:
            found = found.filter(environment=given["environment"])
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        made = endpoint_create(actor=self.actor, workspace=workspace, **given)
        return self.answer(self.endpoint(made.name), status=201)


class EndpointOne(EndpointView):
    """One endpoint with the traffic that its revisions get now."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "deployments.endpoint.read",
        "PATCH": "deployments.endpoint.update",
        "DELETE": "deployments.endpoint.delete",
    }
    inputs: ClassVar[Serializers] = {"PATCH": shapes.EndpointChange}
    outputs: ClassVar[Serializers] = {"GET": shapes.EndpointOutput, "PATCH": shapes.EndpointOutput}

    def get(self, request: Request, name: str) -> Response:
        return self.answer(self.endpoint(name))

    def patch(self, request: Request, name: str) -> Response:
        endpoint_update(actor=self.actor, endpoint=self.endpoint(name), **self.given)
        return self.answer(self.endpoint(name))

    def delete(self, request: Request, name: str) -> Response:
        endpoint_delete(actor=self.actor, endpoint=self.endpoint(name))
        return Response(status=204)


class RevisionList(EndpointView):
    """Revisions, newest first; and deploying a version. Where a policy asks for an approval that is not there, the
    refusal names the request for it (`url`)."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "deployments.revision.list", "POST": "deployments.revision.create",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.RevisionInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.RevisionOutput, "POST": shapes.RevisionOutput}
    is_paged = True

    def get(self, request: Request, name: str) -> Response:
        return self.page(revisions_of(self.endpoint(name)), self.given)

    def post(self, request: Request, name: str) -> Response:
        given, endpoint = self.given, self.endpoint(name)
        version = version_of(self.actor, endpoint, given["model"], given["version"])
        made = deploy_or_request(
            actor=self.actor,
            endpoint=endpoint,
            version=version,
            rollout=plain(given["rollout"]),
            reason=given["reason"],
        )
        return self.answer(made, status=201)


class RevisionOne(EndpointView):
    """One revision: what is wanted of it, and what its target last told."""

    actions: ClassVar[dict[str, str]] = {"GET": "deployments.revision.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.RevisionOutput}

    def get(self, request: Request, name: str, number: int) -> Response:
        return self.answer(revision_get(self.endpoint(name), number))


class GateOne(EndpointView):
    """What the gate would say if this version were deployed here now. Nothing is asked for."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.evaluation.read"}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "deployments.gate.read"}
    inputs: ClassVar[Serializers] = {"GET": shapes.GateQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.GateOutput}

    def get(self, request: Request, name: str) -> Response:
        given, endpoint = self.given, self.endpoint(name)
        version = version_of(self.actor, endpoint, given["model"], given["version"])
        return self.answer(deploy_preview(self.actor, endpoint, version))


class RollbackList(EndpointView):
    """Gives all traffic to an earlier revision whose approval stands."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.revision.rollback"}
    inputs: ClassVar[Serializers] = {"POST": shapes.RollbackInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.RevisionOutput}

    def post(self, request: Request, name: str) -> Response:
        given, endpoint = self.given, self.endpoint(name)
        target = revision_before(endpoint, given.get("revision"))
        revision_rollback(
            actor=self.actor,
            model=target.version.model,
            endpoint=endpoint,
            revision=target,
            reason=given["reason"],
        )
        return self.answer(revision_get(endpoint, target.number), status=201)


class StopList(EndpointView):
    """The kill switch: no request is answered from now on."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.endpoint.stop"}
    inputs: ClassVar[Serializers] = {"POST": shapes.EndpointReasonInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.EndpointOutput}

    def post(self, request: Request, name: str) -> Response:
        endpoint_stop(actor=self.actor, endpoint=self.endpoint(name), **self.given)
        return self.answer(self.endpoint(name))


class StartList(EndpointView):
    """Lets an endpoint that was stopped answer again."""

    actions: ClassVar[dict[str, str]] = {"POST": "deployments.endpoint.start"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ReasonOrNoneInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.EndpointOutput}

    def post(self, request: Request, name: str) -> Response:
        endpoint_start(actor=self.actor, endpoint=self.endpoint(name), **self.given)
        return self.answer(self.endpoint(name))


class DrillList(EndpointView):
    """Drills of the kill switch."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "deployments.endpoint.read", "POST": "deployments.endpoint.drill",
    }  # fmt: skip
    operation_ids: ClassVar[dict[str, str]] = {"GET": "deployments.drill.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.ReasonOrNoneInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.DrillOutput, "POST": shapes.DrillOutput}
    is_paged = True

    def get(self, request: Request, name: str) -> Response:
        return self.page(drills_of(self.endpoint(name)), self.given)

    def post(self, request: Request, name: str) -> Response:
        made = endpoint_drill(actor=self.actor, endpoint=self.endpoint(name), **self.given)
        return self.answer(made, status=201)


class TrafficList(EndpointView):
    """What served, from when until when, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "deployments.endpoint.read"}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "deployments.traffic.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.TrafficOutput}
    is_paged = True

    def get(self, request: Request, name: str) -> Response:
        return self.page(traffic_of(self.endpoint(name)), self.given)


class RolloutList(EndpointView):
    """Roll-outs, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "deployments.rollout.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.RolloutOutput}
    is_paged = True

    def get(self, request: Request, name: str) -> Response:
        return self.page(rollouts_of(self.endpoint(name)), self.given)


def plain(value: Any) -> Any:
    """What a serializer read, as plain dictionaries and lists."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value

"""Storage, retention and collections under /api/v1/."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from experiments.api import retention_serializers as shapes
from experiments.models import Experiment
from experiments.selectors import retention as reads
from experiments.selectors.experiments import experiments_visible
from experiments.services.retention import START, collection_start, retention_clear, retention_set
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.kernel.errors import NotFound


class WorkspaceStorage(ApiView):
    """What a workspace takes, as it was counted last."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.storage.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.StorageOutput}

    def get(self, request: Request, workspace: str) -> Response:
        return self.answer(reads.storage_of(workspace_get(self.actor, workspace)))


class ExperimentStorage(ApiView):
    """What each experiment of a workspace takes, as it was counted last."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.storage.read"}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "experiments.storage.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.ExperimentStorageOutput}
    is_paged = True

    def get(self, request: Request, workspace: str) -> Response:
        place = workspace_get(self.actor, workspace)
        return self.page(reads.storage_by_experiment(self.actor, place), self.given)


class RetentionList(ApiView):
    """The retention rules of a workspace: read, set and taken away."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "experiments.retention.read",
        "PUT": "experiments.retention.update",
        "DELETE": "experiments.retention.update",
    }
    operation_ids: ClassVar[dict[str, str]] = {"DELETE": "experiments.retention.clear"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "PUT": shapes.RetentionRuleInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.RetentionRuleOutput, "PUT": shapes.RetentionRuleOutput}
    is_paged = True

    def get(self, request: Request, workspace: str) -> Response:
        return self.page(reads.rules_found(workspace_get(self.actor, workspace)), self.given)

    def put(self, request: Request, workspace: str) -> Response:
        place, given = workspace_get(self.actor, workspace), self.given
        given["experiment"] = _experiment(self.actor, place, given.pop("experiment_id", None))
        return self.answer(retention_set(actor=self.actor, workspace=place, **given))

    def delete(self, request: Request, workspace: str) -> Response:
        place = workspace_get(self.actor, workspace)
        wanted = shapes.RetentionRuleQuery(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        experiment = _experiment(self.actor, place, wanted.validated_data.get("experiment_id"))
        retention_clear(actor=self.actor, workspace=place, experiment=experiment)
        return Response(status=204)


class CollectionList(ApiView):
    """The collections of garbage that you see, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.collection.list", "POST": START}
    inputs: ClassVar[Serializers] = {"GET": shapes.CollectionQuery, "POST": shapes.CollectionInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.CollectionOutput, "POST": shapes.CollectionOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, reads.collections_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        place = workspace_get(self.actor, given.pop("workspace"))
        return self.answer(collection_start(actor=self.actor, workspace=place, **given), status=201)


class CollectionOne(ApiView):
    """One collection with its sums."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.collection.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.CollectionOutput}

    def get(self, request: Request, collection_id: UUID) -> Response:
        return self.answer(reads.collection_get(self.actor, collection_id))


class CollectionThings(ApiView):
    """What a collection came by, the last first."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.collection.download"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.CollectedOutput}
    is_paged = True

    def get(self, request: Request, collection_id: UUID) -> Response:
        found = reads.collection_get(self.actor, collection_id)
        return self.page(reads.things_of(found), self.given)


def _experiment(actor: Actor, workspace: Workspace, number: int | None) -> Experiment | None:
    if number is None:
        return None
    found = experiments_visible(actor).filter(workspace=workspace, pk=number).first()
    if found is None:
        raise NotFound(f"{workspace} has no experiment {number}, or you may not see it.")
    return found

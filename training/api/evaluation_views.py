"""Evaluations under /api/v1/model-evaluations."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from experiments.selectors.dataset_versions import version_resolve
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.operations import permit
from registry.selectors.models import version_get
from training.api import evaluation_serializers as shapes
from training.evaluation.planning import Asked, champion_of, environment_of
from training.selectors.evaluations import evaluation_get, evaluations_visible
from training.services.evaluations import BEGIN, evaluation_begin

_ASKED = ("target", "task", "explain")
_LISTS = ("slices", "sensitive", "thresholds")


class EvaluationList(ApiView):
    """Evaluations of models, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.evaluation.list", "POST": BEGIN}
    inputs: ClassVar[Serializers] = {"GET": shapes.EvaluationQuery, "POST": shapes.EvaluationInput}
    outputs: ClassVar[Serializers] = {
        "GET": shapes.ModelEvaluationOutput,
        "POST": shapes.ModelEvaluationDetailOutput,
    }
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, evaluations_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "model" in given:
            found = found.filter(version__model__name=given["model"])
        if "dataset" in given:
            found = found.filter(dataset__asset__name=given["dataset"])
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given["workspace"])
        permit(actor=self.actor, action=BEGIN, target=workspace)
        version = version_get(self.actor, given["model"], given["version"], workspace_id=workspace.pk)
        dataset = version_resolve(workspace.pk, given["dataset"], given.get("dataset_version"))
        champion = champion_of(self.actor, version) if given["against_champion"] else None
        made = evaluation_begin(
            actor=self.actor, version=version, dataset=dataset, champion=champion, asked=_asked(given),
            environment=environment_of(version, champion),
        )  # fmt: skip
        return self.answer(evaluation_get(self.actor, made.pk), status=201)


class EvaluationOne(ApiView):
    """One evaluation with its report."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.evaluation.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.ModelEvaluationDetailOutput}

    def get(self, request: Request, evaluation_id: UUID) -> Response:
        return self.answer(evaluation_get(self.actor, evaluation_id))


def _asked(given: dict[str, Any]) -> Asked:
    values: dict[str, Any] = {name: given[name] for name in _ASKED}
    return Asked(**values | {name: tuple(given[name]) for name in _LISTS})

"""Batch scorings under /api/v1/batch-scorings. What runs is cancelled as a job."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from deployments.api import scoring_serializers as shapes
from deployments.scoring.asking import Asked
from deployments.scoring.beginning import score_again, score_or_request
from deployments.scoring.proposals import SCORE
from deployments.selectors.scorings import named_with, scoring_get, scorings_visible
from experiments.selectors.dataset_versions import version_resolve
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.operations import permit

_ASKED = ("output", "prediction", "rows_per_part", "memory_mb")


class ScoringList(ApiView):
    """Scorings of datasets, newest first; and asking for one. Where a policy asks for an approval that is not there,
    the refusal names the request for it (`url`)."""

    actions: ClassVar[dict[str, str]] = {"GET": "deployments.scoring.list", "POST": SCORE}
    inputs: ClassVar[Serializers] = {"GET": shapes.ScoringQuery, "POST": shapes.ScoringInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.ScoringOutput, "POST": shapes.ScoringOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, scorings_visible(self.actor)
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
        permit(actor=self.actor, action=SCORE, target=workspace)
        version, environment, revision = named_with(self.actor, workspace, given)
        dataset = version_resolve(workspace.pk, given["dataset"], given.get("dataset_version"))
        made = score_or_request(
            actor=self.actor, version=version, dataset=dataset, environment=environment, revision=revision,
            asked=_asked(given), reason=given["reason"],
        )  # fmt: skip
        return self.answer(scoring_get(self.actor, made.pk), status=201)


class ScoringOne(ApiView):
    """One scoring with what it made, or why it made nothing."""

    actions: ClassVar[dict[str, str]] = {"GET": "deployments.scoring.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.ScoringOutput}

    def get(self, request: Request, scoring_id: UUID) -> Response:
        return self.answer(scoring_get(self.actor, scoring_id))


class ScoringRetries(ApiView):
    """Asks for the same again, as a scoring of its own."""

    actions: ClassVar[dict[str, str]] = {"POST": SCORE}
    operation_ids: ClassVar[dict[str, str]] = {"POST": "deployments.scoring.retry"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ScoringAgainInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.ScoringOutput}

    def post(self, request: Request, scoring_id: UUID) -> Response:
        made = score_again(actor=self.actor, scoring=scoring_get(self.actor, scoring_id), **self.given)
        return self.answer(scoring_get(self.actor, made.pk), status=201)


def _asked(given: dict[str, Any]) -> Asked:
    return Asked(**{name: given[name] for name in _ASKED if name in given}, keep=tuple(given["keep"]))

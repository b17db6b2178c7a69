"""Trainings under /api/v1/training-jobs."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from registry.api.evidence_serializers import AnyJson
from training.api.job_serializers import (
    CloneInput,
    TrainingDetailOutput,
    TrainingInput,
    TrainingOutput,
    TrainingQuery,
)
from training.selectors.jobs import training_get, training_visible
from training.services.clones import CLONE, training_clone
from training.services.jobs import training_submit
from training.spec.reading import schema


class TrainingList(ApiView):
    """Trainings, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.job.list", "POST": "training.job.submit"}
    inputs: ClassVar[Serializers] = {"GET": TrainingQuery, "POST": TrainingInput}
    outputs: ClassVar[Serializers] = {"GET": TrainingOutput, "POST": TrainingDetailOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, training_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "state" in given:
            found = found.filter(job__state=given["state"])
        if "experiment" in given:
            found = found.filter(experiment__name=given["experiment"])
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given["workspace"])
        made = training_submit(actor=self.actor, workspace=workspace, spec=given["spec"])
        return self.answer(made, status=201)


class TrainingOne(ApiView):
    """One training with its specification and what was seen while it ran."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.job.read"}
    outputs: ClassVar[Serializers] = {"GET": TrainingDetailOutput}

    def get(self, request: Request, training_id: UUID) -> Response:
        return self.answer(training_get(self.actor, training_id))


class TrainingClones(ApiView):
    """The same again, with the same code and packages, and what is changed."""

    actions: ClassVar[dict[str, str]] = {"POST": CLONE}
    inputs: ClassVar[Serializers] = {"POST": CloneInput}
    outputs: ClassVar[Serializers] = {"POST": TrainingDetailOutput}

    def post(self, request: Request, training_id: UUID) -> Response:
        found = training_get(self.actor, training_id)
        made = training_clone(actor=self.actor, training=found, changes=self.given["changes"])
        return self.answer(made, status=201)


class TrainingSchema(ApiView):
    """The JSON schema of a specification."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.schema.read"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson}

    def get(self, request: Request) -> Response:
        return Response(schema())

"""Sweeps under /api/v1/sweeps."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from registry.api.evidence_serializers import AnyJson
from registry.api.registry_serializers import VersionOutput
from training.api import sweep_serializers as shapes
from training.selectors.sweeps import sweep_detail, sweep_get, sweeps_visible, trials_of
from training.services.sweeps import sweep_start, sweep_stop
from training.sweeps.reading import sweep_schema
from training.sweeps.registering import trial_register


class SweepList(ApiView):
    """Sweeps, newest first; and beginning one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.sweep.list", "POST": "training.sweep.start"}
    inputs: ClassVar[Serializers] = {"GET": shapes.SweepQuery, "POST": shapes.SweepInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.SweepOutput, "POST": shapes.SweepDetailOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, sweeps_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "state" in given:
            found = found.filter(state=given["state"])
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given["workspace"])
        made = sweep_start(actor=self.actor, workspace=workspace, spec=given["spec"])
        return self.answer(sweep_detail(made), status=201)


class SweepOne(ApiView):
    """One sweep with its specification, its best trial, and what it cost until now."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.sweep.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.SweepDetailOutput}

    def get(self, request: Request, sweep_id: UUID) -> Response:
        return self.answer(sweep_detail(sweep_get(self.actor, sweep_id)))


class SweepTrials(ApiView):
    """The trials of a sweep, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.trial.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.SweepTrialOutput}
    is_paged = True

    def get(self, request: Request, sweep_id: UUID) -> Response:
        return self.page(trials_of(sweep_get(self.actor, sweep_id)), self.given)


class SweepStop(ApiView):
    """Asks for no more trials and cancels those that run."""

    actions: ClassVar[dict[str, str]] = {"POST": "training.sweep.stop"}
    inputs: ClassVar[Serializers] = {"POST": shapes.StopInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.SweepDetailOutput}

    def post(self, request: Request, sweep_id: UUID) -> Response:
        sweep = sweep_get(self.actor, sweep_id)
        return self.answer(sweep_detail(sweep_stop(actor=self.actor, sweep=sweep, **self.given)))


class SweepRegistrations(ApiView):
    """Makes a version of a model from what the best trial logged, or another one."""

    actions: ClassVar[dict[str, str]] = {"POST": "registry.version.create"}
    operation_ids: ClassVar[dict[str, str]] = {"POST": "training.sweep.register"}
    inputs: ClassVar[Serializers] = {"POST": shapes.RegistrationInput}
    outputs: ClassVar[Serializers] = {"POST": VersionOutput}

    def post(self, request: Request, sweep_id: UUID) -> Response:
        sweep, given = sweep_get(self.actor, sweep_id), self.given
        made = trial_register(self.actor, sweep, number=given.get("trial"), model_name=given["model"])
        return self.answer(made, status=201)


class SweepSchema(ApiView):
    """The JSON schema of the specification of a sweep."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.sweep.describe"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson}

    def get(self, request: Request) -> Response:
        return Response(sweep_schema())

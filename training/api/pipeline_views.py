"""Pipelines and their runs under /api/v1/."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.reasons import PossibleReasonInput
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from registry.api.evidence_serializers import AnyJson
from training.api import pipeline_serializers as shapes
from training.pipelines.reading import document_parse, schema
from training.selectors.pipelines import (
    pipeline_get,
    pipeline_run_get,
    pipeline_version,
    pipelines_visible,
    runs_visible,
)
from training.services.pipelines import (
    CANCEL,
    RESUME,
    RUN,
    SAVE,
    pipeline_begin,
    pipeline_cancel,
    pipeline_resume,
    pipeline_save,
)


class PipelineSchema(ApiView):
    """The JSON schema of a pipeline."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.schema.read"}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "training.pipeline_schema.read"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson}

    def get(self, request: Request) -> Response:
        return Response(schema())


class PipelineList(ApiView):
    """Pipelines, newest first; and saving a version of one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.pipeline.list", "POST": SAVE}
    inputs: ClassVar[Serializers] = {"GET": shapes.PipelineQuery, "POST": shapes.PipelineInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.PipelineOutput, "POST": shapes.PipelineVersionOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, pipelines_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace, document = workspace_get(self.actor, given["workspace"]), given["document"]
        source = document if isinstance(document, str) else ""
        made = pipeline_save(
            actor=self.actor, workspace=workspace, name=given["name"], source=source,
            document=document_parse(source) if source else document,
        )  # fmt: skip
        return self.answer(made, status=201)


class PipelineOne(ApiView):
    """The newest version of a pipeline."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.pipeline.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.PipelineVersionOutput}

    def get(self, request: Request, pipeline_id: UUID) -> Response:
        return self.answer(pipeline_version(pipeline_get(self.actor, pipeline_id)))


class PipelineRuns(ApiView):
    """The runs of a pipeline, newest first; and starting one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.pipeline_run.list", "POST": RUN}
    inputs: ClassVar[Serializers] = {"GET": shapes.PipelineRunQuery, "POST": shapes.PipelineRunInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.PipelineRunOutput, "POST": shapes.PipelineRunDetailOutput}
    is_paged = True

    def get(self, request: Request, pipeline_id: UUID) -> Response:
        given, pipeline = self.given, pipeline_get(self.actor, pipeline_id)
        found = runs_visible(self.actor).filter(version__pipeline=pipeline)
        return self.page(found.filter(state=given["state"]) if "state" in given else found, given)

    def post(self, request: Request, pipeline_id: UUID) -> Response:
        given, pipeline = self.given, pipeline_get(self.actor, pipeline_id)
        made = pipeline_begin(
            actor=self.actor, pipeline=pipeline, version=pipeline_version(pipeline, given.get("version")),
            parameters=given["parameters"], is_cached=given["is_cached"],
        )  # fmt: skip
        return self.answer(pipeline_run_get(self.actor, made.pk), status=201)


class RunList(ApiView):
    """The runs of all pipelines, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.pipeline_run.list"}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "training.pipeline_run.list_all"}
    inputs: ClassVar[Serializers] = {"GET": shapes.PipelineRunQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.AnyPipelineRunOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, runs_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found.filter(state=given["state"]) if "state" in given else found, given)


class RunOne(ApiView):
    """One run with its steps."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.pipeline_run.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.PipelineRunDetailOutput}

    def get(self, request: Request, run_id: UUID) -> Response:
        return self.answer(pipeline_run_get(self.actor, run_id))


class RunCancel(ApiView):
    """Begin no more steps and cancel those that run."""

    actions: ClassVar[dict[str, str]] = {"POST": CANCEL}
    inputs: ClassVar[Serializers] = {"POST": PossibleReasonInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.PipelineRunDetailOutput}

    def post(self, request: Request, run_id: UUID) -> Response:
        reason = self.given["reason"]
        pipeline_cancel(actor=self.actor, run=pipeline_run_get(self.actor, run_id), reason=reason)
        return self.answer(pipeline_run_get(self.actor, run_id))


class RunResume(ApiView):
    """Go on where a run failed or was cancelled."""

    actions: ClassVar[dict[str, str]] = {"POST": RESUME}
    inputs: ClassVar[Serializers] = {"POST": PossibleReasonInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.PipelineRunDetailOutput}

    def post(self, request: Request, run_id: UUID) -> Response:
        reason = self.given["reason"]
        pipeline_resume(actor=self.actor, run=pipeline_run_get(self.actor, run_id), reason=reason)
        return self.answer(pipeline_run_get(self.actor, run_id))

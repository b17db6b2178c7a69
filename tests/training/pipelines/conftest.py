"""Pipelines of cora's in the workspace `credit`; trainings are played, the portal's own jobs really run."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from tests.training.pipelines.play import document
from tests.training.sweeps.play import settle
from training.models import PipelineRun, PipelineVersion
from training.services.pipelines import pipeline_begin, pipeline_save


@pytest.fixture
def saved(workspace: Workspace, cora: User) -> Callable[..., PipelineVersion]:
    """`saved(steps)` saves a pipeline called `nightly`."""

    def save(steps: dict[str, Any], **given: Any) -> PipelineVersion:
        return pipeline_save(
            actor=Actor.of_user(cora), workspace=workspace, name="nightly", document=document(steps, **given)
        )

    return save


@pytest.fixture
def begun(saved: Callable[..., PipelineVersion], cora: User) -> Callable[..., PipelineRun]:
    """`begun(steps, parameters={…})` runs one until it waits for its trainings."""

    def begin(
        steps: dict[str, Any], values: dict[str, Any] | None = None, *, is_cached: bool = True, **given: Any
    ) -> PipelineRun:
        version = saved(steps, **given)
        made = pipeline_begin(
            actor=Actor.of_user(cora), pipeline=version.pipeline, version=version, parameters=values or {},
            is_cached=is_cached,
        )  # fmt: skip
        settle()
        return PipelineRun.objects.get(pk=made.pk)

    return begin

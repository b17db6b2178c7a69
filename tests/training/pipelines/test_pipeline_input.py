"""Text that PostgreSQL cannot keep is refused wherever it comes in, and never a fault of the portal."""

from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.training.pipelines.play import document, row, step
from tests.training.pipelines.test_pipeline_api import URL, call
from training.models import Pipeline, PipelineRun, PipelineTrigger

__all__ = ["call"]
HALF = "\ud800"
LISTENS = {"kind": "dataset", "subject": "x"}


@pytest.fixture
def pipeline(saved: Any) -> Pipeline:
    found: Pipeline = saved({"a": step()}, parameters={"n": 1, "s": "x"}).pipeline
    return found


@pytest.mark.parametrize(
    "given",
    [
        'description: "a\\0b"\nexperiment: x\nsteps: {a: {job: {command: x, code: {bundled: iris}}}}', "# \x00",
        f"# {HALF}", document({"a": step()}, description="a\0"), document({"a": step()}, parameters={"p": "\0"}),
        document({"a": step(when="facts.x == '\0'")}), document({"a": step(foreach=["\0"])}),
        document({"a": step(foreach=[HALF])}),
    ],
    ids=repr,
)  # fmt: skip
def test_documents(workspace: Any, cora: User, call: Any, given: Any) -> None:
    answer = call(cora, "POST", URL, {"workspace": "credit", "name": "y", "document": given})
    assert answer.status_code == 400, answer.content
    assert not Pipeline.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"parameters": {"s": "${{ event.version }}\0"}}, {"parameters": [1]}, {"parameters": {"n": "${{ event.a.b }}"}},
        {"parameters": {"\0": "${{ event.version }}"}},
        {"subject": HALF}, {"subject": "\0"},
    ],
    ids=repr,
)  # fmt: skip
def test_triggers(pipeline: Pipeline, cora: User, call: Any, given: Any) -> None:
    answer = call(cora, "POST", f"{URL}/{pipeline.pk}/triggers", {**LISTENS, **given})
    assert answer.status_code == 400, answer.content
    assert not PipelineTrigger.objects.exists()


@pytest.mark.parametrize("given", [{"s": "\0"}, {"s": HALF}, {"n": float("inf")}, 3], ids=repr)
def test_parameters_of_a_run(pipeline: Pipeline, cora: User, call: Any, given: Any) -> None:
    assert call(cora, "POST", f"{URL}/{pipeline.pk}/runs", {"parameters": given}).status_code == 400
    assert not PipelineRun.objects.exists()


def test_fields_of_pages(begun: Any, cora: User) -> None:
    run = begun({"a": step()})
    client = Client()
    client.force_login(cora)
    addresses = (
        f"/training/pipeline-runs/{run.pk}/cancel", f"/training/{row(run, 'a').training_id}/cancellations",
        f"/training/pipelines/{run.version.pipeline_id}/edit",
    )  # fmt: skip
    for address in addresses:
        answer = client.post(address, {"reason": "a\0b", "text": "\0"})
        assert answer.status_code == 400
        assert "NUL" in answer.content.decode()
    assert PipelineRun.objects.get().state == "running"

"""Batch scoring from a shell: the command of the client against the API, without a server between them."""

import functools
import json
import sys
from pathlib import Path

import httpx
import pytest
from django.test import Client

from compliance.models import ApprovalRequest
from deployments.models import BatchScoring
from tests.api.conftest import api, own_throttle
from tests.compliance.scenery import policy_put
from tests.deployments.conftest import endpoint_of, versions
from tests.deployments.test_deploy import POLICY
from tests.deployments.test_scorings import loans
from tests.registry.conftest import store, version_of

__all__ = ["api", "endpoint_of", "loans", "own_throttle", "store", "version_of", "versions"]
SOURCES = Path(__file__).resolve().parents[2] / "client"
ASKED = ("score", "--workspace", "credit", "--model", "fraud", "--version", "1", "--dataset", "loans")


def answered(asked: httpx.Request) -> httpx.Response:
    """What Django answers, in the transaction of the test."""
    named = {
        name: value for name, value in asked.headers.items() if name not in ("content-type", "content-length")
    }
    answer = Client().generic(
        asked.method, asked.url.raw_path.decode(), asked.content, headers=named,
        content_type=asked.headers.get("content-type", "application/json"),
    )  # fmt: skip
    return httpx.Response(answer.status_code, content=answer.content, headers=dict(answer.headers))


@pytest.fixture
def command(monkeypatch, token_for, cora, loans, versions, capsys):
    """`command("score", …)` as cora: the exit code, what it printed, and what went to stderr."""
    monkeypatch.syspath_prepend(str(SOURCES))
    transport = httpx.MockTransport(answered)
    monkeypatch.setattr(httpx, "Client", functools.partial(httpx.Client, transport=transport))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_for(cora))
    from portal_client.__main__ import main  # noqa: PLC0415 - from the sources of the wheel

    def run(*given: str):
        code = main(given)
        return code, *capsys.readouterr()

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "portal_client"]:
        del sys.modules[name]


def test_a_scoring_is_asked_for_and_looked_at(command):
    code, said, _ = command(*ASKED, "--keep", "id", "age", "--prediction", "risk", "--json")
    made = BatchScoring.objects.get()
    assert (code, json.loads(said)["id"], made.asked["keep"], made.asked["prediction"]) == (
        0, str(made.pk), ["id", "age"], "risk",
    )  # fmt: skip
    assert command("scoring", str(made.pk)) == (
        0, f"Scoring {made.pk} of loans v1 with fraud v1 is queued.\n", "",
    )  # fmt: skip


def test_a_refusal_says_what_to_do_and_where(command, workspace):
    policy_put(workspace, POLICY)
    code, said, wrong = command(*ASKED, "--environment", "prod")
    assert (code, said, BatchScoring.objects.count()) == (1, "", 0)
    assert "approval" in wrong
    assert wrong.rstrip().endswith(f"/approvals/{ApprovalRequest.objects.get().pk.hex}")


def test_a_scoring_that_failed_fails_the_shell(command, cora):
    command(*ASKED)
    made = BatchScoring.objects.get()
    BatchScoring.objects.update(ended_at=made.created_at)
    code, said, _ = command("scoring", str(made.pk), "--wait")
    assert code == 3
    assert "made" not in said

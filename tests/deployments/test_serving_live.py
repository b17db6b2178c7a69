"""Serving with real processes: from an operation to a ready process, through kills, to the last one gone."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings

from deployments.deploying import deploy_or_request
from deployments.models import Endpoint, Revision, Rollout, Server
from deployments.node.folders import models_folder, server_folder
from deployments.node.holder import process_key
from deployments.services.endpoints import endpoint_create, endpoint_delete
from deployments.services.revisions import revision_rollback
from deployments.split import split_now
from jobs.models import JobRun
from portal.accounts.models import User, Workspace
from registry.models import ModelVersion
from tests.deployments.gateway_process import GatewayProcess, bearer, gateway_process
from tests.deployments.living import Serving, observed, person, scored, server_pids, waited
from tests.deployments.living_fixtures import (
    cora,
    model_files,
    serving,
    serving_environment,
    serving_servers,
    version_of,
)
from tests.deployments.models import ROWS
from tests.registry.versions import folder_of

__all__ = ["cora", "model_files", "serving", "serving_environment", "serving_servers", "version_of"]
pytestmark = pytest.mark.slow
QUESTION = {
    "dataframe_split": {
        "columns": list(ROWS),
        "data": [list(row) for row in zip(*ROWS.values(), strict=True)],
    }
}


@pytest.fixture(scope="module", autouse=True)
def node(serving_servers: Serving) -> None:
    serving_servers.node_start()


def endpoint_of(cora: User, name: str, replicas: int = 1) -> Endpoint:
    return endpoint_create(
        actor=person(cora), workspace=Workspace.objects.get(name="credit"), name=name, environment="dev",
        settings={"resources": {"memory_mb": 1024, "replicas": replicas}},
    )  # fmt: skip


def deploy(cora: User, endpoint: Endpoint, version: ModelVersion, **rollout: Any) -> Revision:
    return deploy_or_request(
        actor=person(cora), endpoint=endpoint, version=version, rollout=rollout, reason="new"
    )


def test_from_an_operation_to_an_answer_and_to_nothing(serving, cora, version_of):
    endpoint = endpoint_of(cora, "first")
    made = deploy(cora, endpoint, version_of())
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(made))
    ready = observed(made, "ready")
    assert scored(ready, QUESTION) == (200, {"predictions": [0, 1, 0, 1]})
    waited(lambda: Rollout.objects.get(endpoint=endpoint).state == "completed")
    server = Server.objects.get(revision=made)
    environ = Path(f"/proc/{server_pids(server)[-1]}/environ").read_bytes()
    assert b"DATABASE_URL" not in environ
    assert b"SECRET_KEY" not in environ
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(made, "stopped")
    assert process_key(server.pid) == ""
    waited(lambda: not server_folder(server.node, server.pk).exists())


def test_kills_of_process_node_and_worker(serving, cora, version_of):
    endpoint = endpoint_of(cora, "killed")
    first = deploy(cora, endpoint, version_of())
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(first))
    server = Server.objects.get(revision=first)
    os.kill(server_pids(server)[-1], signal.SIGKILL)  # the model server: it comes back by itself
    waited(lambda: Server.objects.get(pk=server.pk).restarts == 1)
    waited(lambda: Server.objects.get(pk=server.pk).seen == "ready", lambda: told(first))
    again = Server.objects.get(pk=server.pk)
    assert scored(observed(first, "ready"), QUESTION)[0] == 200

    serving.node_kill()  # what it held goes on, and the next one finds it
    assert scored(Revision.objects.get(pk=first.pk), QUESTION)[0] == 200
    serving.node_start()
    waited(lambda: "found a model process" in serving.log("node"))
    second = deploy(cora, endpoint, version_of())
    waited(lambda: Revision.objects.get(pk=second.pk).observed_state in ("preparing", "starting"))
    serving.worker_kill()  # in the middle of preparing or starting: the next one goes on
    serving.worker_start()
    waited(lambda: split_now(endpoint) == {2: 100}, lambda: told(second))
    kept = Server.objects.get(pk=server.pk)
    assert (kept.restarts, kept.process_key) in ((1, again.process_key), (1, ""))
    observed(first, "stopped")
    assert process_key(again.pid) == ""

    back = {"actor": person(cora), "model": first.version.model, "endpoint": endpoint, "reason": "slow"}
    revision_rollback(**back, revision=first)
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(first))
    assert scored(observed(first, "ready"), QUESTION)[0] == 200
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(first, "stopped")


def test_files_that_changed_are_refused_in_the_store_and_on_the_machine(serving, cora, version_of):
    endpoint, version = endpoint_of(cora, "tampered"), version_of(b"as approved")
    path = folder_of(version, django_settings.ARTIFACT_ROOT) / "model.pkl"
    right = path.read_bytes()
    path.write_bytes(right[:-1] + b"x")
    refused = observed(deploy(cora, endpoint, version), "failed")
    assert "model.pkl is not what it was" in refused.observed_detail
    assert split_now(endpoint) == {}
    waited(lambda: Rollout.objects.get(endpoint=endpoint).state == "aborted")
    path.write_bytes(right)
    made = deploy(cora, endpoint, version)
    waited(lambda: split_now(endpoint) == {2: 100}, lambda: told(made))
    here = models_folder() / version.digest / "model" / "model.pkl"
    here.chmod(0o600)
    here.write_bytes(right[:-1] + b"x")
    os.kill(server_pids(Server.objects.get(revision=made))[-1], signal.SIGKILL)
    waited(lambda: Server.objects.get(revision=made).exit_code == 3, lambda: told(made))
    said = "not the file that was approved"
    waited(lambda: said in Revision.objects.get(pk=made.pk).observed_detail, lambda: told(made))
    assert observed(made, "failing").addresses == []
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(made, "stopped")


def test_what_cannot_start_fails_with_its_last_lines_and_moves_nothing(serving, cora, version_of):
    endpoint = endpoint_of(cora, "broken")
    good = deploy(cora, endpoint, version_of())
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(good))
    bad = observed(deploy(cora, endpoint, version_of(**{"model.pkl": b"no pickle"})), "failed")
    assert "The model cannot be loaded" in bad.observed_detail
    assert split_now(endpoint) == {1: 100}
    waited(lambda: Rollout.objects.get(revision=bad).state == "aborted")
    assert "cannot be loaded" in Rollout.objects.get(revision=bad).outcome
    waited(lambda: Server.objects.get(revision=bad).seen == "gone")
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(good, "stopped")


@contextmanager
def asking(gateway: GatewayProcess, name: str, token: str) -> Iterator[list[tuple[int, str]]]:
    """While this is open, two callers ask all the time; the answers so far, as status and text of what was no 200."""
    over, answers = threading.Event(), []

    def ask() -> None:
        with httpx.Client(base_url=gateway.client.base_url, timeout=60, headers=bearer(token)) as client:
            while not over.is_set():
                answer = client.post(f"/endpoints/{name}/invocations", json=QUESTION)
                answers.append((answer.status_code, "" if answer.status_code == 200 else answer.text[:300]))
                time.sleep(0.02)

    with ThreadPoolExecutor(2) as pool:
        callers = [pool.submit(ask) for _ in range(2)]
        try:
            yield answers
        finally:
            over.set()
    for caller in callers:
        caller.result()


def test_no_request_is_lost_in_a_canary_a_kill_and_a_rollback(serving, cora, version_of, token_for, tmp_path):
    endpoint = endpoint_of(cora, "loaded", replicas=2)
    first = deploy(cora, endpoint, version_of())
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(first))
    token = token_for(cora)
    gateway = gateway_process(
        tmp_path / "gateway.log", SECRET_KEY=django_settings.SECRET_KEY, REDIS_URL=serving.broker.url
    )
    try:
        with asking(gateway, "loaded", token) as answers:
            waited(lambda: len(answers) > 20)
            steps = [{"percent": 30, "seconds": 3}, {"percent": 100}]
            second = deploy(cora, endpoint, version_of(), strategy="canary", steps=steps)
            waited(lambda: split_now(endpoint) == {2: 100}, lambda: told(second))
            observed(first, "stopped")
            os.kill(server_pids(Server.objects.filter(revision=second).first())[-1], signal.SIGKILL)
            waited(lambda: Server.objects.filter(revision=second, restarts=1).exists(), lambda: told(second))
            waited(
                lambda: Server.objects.filter(revision=second, seen="ready").count() == 2,
                lambda: told(second),
            )
            back = {
                "actor": person(cora),
                "model": first.version.model,
                "endpoint": endpoint,
                "reason": "slow",
            }
            revision_rollback(**back, revision=first)
            waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(first))
            observed(second, "stopped")
            told_of = len(answers)
            waited(lambda: len(answers) > told_of + 20)
        assert {status for status, _ in answers} == {200}, [each for each in answers if each[0] != 200][:5]
    finally:
        gateway.stop()
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(first, "stopped")


def test_a_node_that_is_told_to_stop_leaves_nothing(serving, cora, version_of):
    endpoint = endpoint_of(cora, "stopped")
    made = deploy(cora, endpoint, version_of())
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(made))
    server = Server.objects.get(revision=made)
    pids = [server.pid, *server_pids(server)]
    serving.node_stop()
    assert not [pid for pid in pids if process_key(pid)]
    assert Revision.objects.get(pk=made.pk).addresses == []
    shutil.rmtree(models_folder() / made.digest)  # and the machine lost the files
    serving.node_start()
    waited(lambda: Revision.objects.get(pk=made.pk).addresses, lambda: told(made))
    assert scored(observed(made, "ready"), QUESTION)[0] == 200
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(made, "stopped")


def told(revision: Revision) -> object:
    row = Revision.objects.get(pk=revision.pk)
    jobs = JobRun.objects.filter(kind__startswith="deployments").order_by("-id")[:6]
    return (
        time.time(), row.observed_state, row.observed_detail, row.prepared,
        list(Server.objects.filter(revision=revision).values("seen", "detail", "failures", "wanted")),
        [(each.kind, each.state, each.reason) for each in jobs],
    )  # fmt: skip

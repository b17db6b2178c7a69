"""Trainings as Jobs of Kubernetes, against a server that behaves like its API. No cluster is involved."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobs.errors import Permanent
from portal.kernel.errors import Unavailable
from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.clusters import (
    GO,
    SECRET,
    TINY,
    go,
    key_of,
    log_of,
    processes_of,
    run_of,
    tiny_on,
    until_log,
)  # fmt: skip
from tests.training.kube_server import KubeServer
from tests.training.live import ended, submitted, waited
from training.executors.cluster import Submission
from training.executors.kubernetes_jobs import KubernetesCluster, kubernetes_connect

NAMESPACE = "portal-training"


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeServer]:
    folder = tmp_path_factory.mktemp("kube")
    server = KubeServer(PORTAL_ENVIRONMENTS=str(folder / "environments"))
    yield server
    server.close()


@pytest.fixture
def cluster(kube: KubeServer, tmp_path: Path, settings: Any) -> KubernetesCluster:
    settings.KUBERNETES_CONFIG, settings.KUBERNETES_IMAGE = (
        str(kube.config(tmp_path / "config")),
        "python:3.11",
    )
    return kubernetes_connect()


@pytest.fixture(scope="module")
def wire(portal_server: Portal, kube: KubeServer) -> Iterator[Wire]:
    kube.config(Path(portal_server.env["KUBERNETES_CONFIG"]))
    with portal_server.worker(), portal_server.wire("eve") as wire:
        yield wire


@pytest.fixture(scope="module")
def tiny(portal_server: Portal) -> Callable[..., dict[str, Any]]:
    return tiny_on(portal_server, "kubernetes")


def submission(key: str) -> Submission:
    return Submission(key, key.partition("-")[0], "a name", "no claim", "http://127.0.0.1:9", {}, 60)


def test_what_the_server_refuses_is_told_apart(kube: KubeServer, cluster: KubernetesCluster) -> None:
    try:
        kube.broken = 503
        with pytest.raises(Unavailable, match="503"):
            cluster.look("any")
        kube.broken = 403
        with pytest.raises(Permanent, match="403"):
            cluster.submit(submission("any"))
    finally:
        kube.broken = 0
    assert cluster.look("any") is None


def test_a_server_that_is_away_is_unavailable(settings: Any, tmp_path: Path) -> None:
    server = KubeServer()
    settings.KUBERNETES_CONFIG, settings.KUBERNETES_IMAGE = (
        str(server.config(tmp_path / "config")),
        "python:3.11",
    )
    server.close()
    with pytest.raises(Unavailable, match="does not answer"):
        kubernetes_connect().look("any")


def test_without_a_cluster_it_says_who_can_help(settings: Any) -> None:
    settings.KUBERNETES_CONFIG = ""
    with pytest.raises(Permanent, match="an operator sets KUBERNETES_CONFIG"):
        kubernetes_connect()


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_a_training_runs_as_a_job_and_its_outputs_come_back(
    wire: Wire, kube: KubeServer, tiny: Callable[..., Any], cluster: KubernetesCluster
) -> None:
    mark = uuid4().hex
    found = ended(wire, submitted(wire, tiny(mark)))
    assert found["state"] == "done", (found["reason"], log_of(wire, found))
    path = f"/get-artifact?run_uuid={found['run_id']}&path=outputs/report/said.txt"
    assert wire.send("GET", path).body == (TINY / "said.txt").read_bytes()
    assert found["seen"]["exit"]["code"] == 0
    log = log_of(wire, found)
    assert "secret [secret]" in log
    name = f"training-{key_of(found['id'])}"
    assert SECRET not in str(kube.objects)
    assert SECRET not in kube.pods[name].log.read_text()
    assert found["seen"]["machine"]["cpus"] >= 1
    assert "mlp_" not in str(kube.objects), "a token of the portal"
    cluster.submit(submission(key_of(found["id"])))
    assert list(kube.objects["jobs"]) == [name], "the same name starts once"
    assert len(kube.objects["configmaps"]) == 1


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_a_failure_and_a_cancellation(wire: Wire, kube: KubeServer, tiny: Callable[..., Any]) -> None:
    mark = uuid4().hex
    failed = ended(wire, submitted(wire, tiny(mark, "fail")))
    assert (failed["state"], failed["seen"]["exit"]["code"]) == ("failed", 7)
    assert "exit code 7" in failed["reason"]
    training_id = submitted(wire, tiny(mark, "wait"))
    found = until_log(wire, training_id, "tick 3")
    assert processes_of(mark)
    assert wire.json("POST", f"/api/v1/jobs/{found['job']}/cancellations", {}).status < 300
    found = ended(wire, training_id)
    assert found["state"] == "cancelled"
    assert processes_of(mark) == []
    assert run_of(wire, found)["info"]["status"] == "KILLED"
    assert "delete Foreground" in kube.calls
    assert f"training-{key_of(training_id)}" not in kube.objects["jobs"]


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_a_cluster_that_is_away_costs_no_finished_work(
    wire: Wire, kube: KubeServer, tiny: Callable[..., Any]
) -> None:
    mark = uuid4().hex
    training_id = submitted(wire, tiny(mark, "wait"))
    until_log(wire, training_id, "tick 3")
    try:
        kube.broken = 503
        until_log(wire, training_id, "The work goes on where it is")
        go(mark)
        found = ended(wire, training_id)
        assert found["state"] == "done", found["reason"]
        lost = submitted(wire, tiny(mark))
        path = f"/api/v1/training-jobs/{lost}"
        found = waited(wire, path, lambda each: each["reason"])
        assert found["state"] == "queued"
        assert "Kubernetes cannot do it now: 503" in found["reason"]
    finally:
        kube.broken = 0
        (GO / f"portal-go-{mark}").unlink(missing_ok=True)
    assert wire.json("POST", f"/api/v1/jobs/{found['job']}/cancellations", {}).status < 300
    assert ended(wire, lost)["state"] == "cancelled"

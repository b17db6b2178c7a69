"""The gateway: real processes of models behind a real gateway, and what callers get of them."""

import contextlib
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.gateway.routes import part_of
from deployments.models import Endpoint, GatewayAck, InferenceRecord, TrafficFigure
from deployments.services.endpoints import endpoint_start, endpoint_stop, endpoint_update
from deployments.serving_key import serving_key
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, Membership, User
from portal.kernel.clock import now
from registry.models import ModelVersion
from tests.deployments.gateway_process import GatewayProcess, bearer, gateway_process
from tests.deployments.model_process import ModelProcess, model_process
from tests.deployments.models import echo_save
from tests.deployments.serving import FIRST, SECOND, Scene

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return echo_save(tmp_path_factory.mktemp("models") / "echo")


@pytest.fixture(scope="module")
def processes(folder: Path) -> Iterator[list[ModelProcess]]:
    """One process for each of two revisions."""
    running = [model_process(folder, key=serving_key(revision)) for revision in (FIRST, SECOND)]
    yield running
    for each in running:
        each.process.kill()


@pytest.fixture(scope="module")
def gateway(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[GatewayProcess]:
    with django_db_blocker.unblock():
        running = gateway_process(tmp_path_factory.mktemp("gateway") / "log")
    yield running
    assert running.stop() == 0
    log = running.log.read_text()
    assert "Traceback" not in log, log[-4000:]


@pytest.fixture
def scene(
    endpoint_of: Callable[..., Endpoint], versions: list[ModelVersion], cora: User,
    processes: list[ModelProcess],
) -> Scene:  # fmt: skip
    """The endpoint `scores`, all of whose traffic goes to revision 1; revision 2 is ready."""
    made = Scene(endpoint_of("scores"), versions, cora)
    for number, each in enumerate(processes, 1):
        made.revision(number, address(each))
    made.split({1: 100})
    return made


@pytest.fixture
def token(cora: User, token_for: Callable[..., str]) -> str:
    """A token that may only read is enough to score."""
    return token_for(cora, scope="read")


def address(process: ModelProcess) -> str:
    return f"http://127.0.0.1:{process.port}"


def settled(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    assert found
    return found


def test_a_prediction_and_what_it_says_of_itself(
    gateway: GatewayProcess, scene: Scene, token: str, processes: list[ModelProcess]
) -> None:
    gateway.follows("scores", token)
    answer = gateway.score("scores", 3.0, token, headers={"X-Request-Id": "order-17"})
    assert answer.json()["predictions"][0]["twice"] == 6.0
    assert answer.json()["predictions"][0]["pid"] == processes[0].process.pid
    assert answer.headers["x-request-id"] == "order-17"
    assert (answer.headers["x-model-version"], answer.headers["x-endpoint-revision"]) == ("1", "1")

    inputs = [{"name": "x", "shape": [1], "datatype": "FP64", "data": [3]}]
    answer = gateway.client.post(
        "/v2/models/scores/infer", json={"inputs": inputs, "id": "a"}, headers=bearer(token)
    )
    assert answer.json()["id"] == "a"
    assert answer.json()["model_name"] == "scores"
    assert [each["data"] for each in answer.json()["outputs"] if each["name"] == "twice"] == [[6.0]]
    assert gateway.client.get("/v2/models/scores", headers=bearer(token)).json()["inputs"][0]["name"] == "x"
    assert gateway.client.get("/v2/models/scores/ready", headers=bearer(token)).json()["ready"] is True
    named = gateway.client.post(
        "/v2/models/scores/versions/2/infer", json={"inputs": inputs}, headers=bearer(token)
    )
    assert named.status_code == 404  # version 2 has no traffic
    assert gateway.client.get("/health").status_code == 200


def test_who_may_not_is_told_no_more_than_that(
    gateway: GatewayProcess, scene: Scene, token: str, cleo: User, token_for: Callable[..., str], cora: User
) -> None:
    gateway.follows("scores", token)
    stranger = gateway.score("scores", 1, token_for(cleo))
    missing = gateway.score("nothing", 1, token_for(cora))
    nobody = gateway.client.post("/endpoints/scores/invocations", json={})
    wrong = gateway.score("scores", 1, "mlp_wrong")
    v2 = gateway.client.post("/v2/models/scores/infer", json={}, headers=bearer(token_for(cleo)))

    assert (stranger.status_code, missing.status_code) == (404, 404)
    assert stranger.json()["detail"] == missing.json()["detail"] == v2.json()["error"]
    assert stranger.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert (nobody.status_code, wrong.status_code, v2.status_code) == (401, 401, 404)
    assert nobody.headers["www-authenticate"] == 'Bearer realm="portal"'
    assert gateway.client.get("/endpoints/scores/invocations").status_code == 405
    assert gateway.client.get("/elsewhere", headers=bearer(token)).json()["code"] == "not_found"


def test_bad_input_is_answered_by_the_model_process(
    gateway: GatewayProcess, scene: Scene, token: str
) -> None:
    gateway.follows("scores", token)
    body = {"dataframe_records": [{"x": "much"}]}
    answer = gateway.client.post("/endpoints/scores/invocations", json=body, headers=bearer(token))
    assert answer.status_code == 400
    assert {name: answer.json()[name] for name in ("column", "expected", "found")} == {
        "column": "x", "expected": "double", "found": "string",
    }  # fmt: skip


def test_a_revoked_token_is_refused_soon(
    gateway: GatewayProcess, scene: Scene, token: str, token_for: Callable[..., str], cora: User
) -> None:
    other = token_for(cora)
    gateway.follows("scores", other)
    ApiToken.objects.exclude(scope="read").update(revoked_at=now())
    assert gateway.score("scores", 1, other).status_code == 200  # what was learned holds for five seconds
    gateway.follows("scores", other, status=401)
    assert gateway.score("scores", 1, token).status_code == 200


def test_who_leaves_the_workspace_scores_no_more(
    gateway: GatewayProcess, scene: Scene, token: str, cora: User
) -> None:
    gateway.follows("scores", token)
    Membership.objects.filter(user=cora).delete()
    gateway.follows("scores", token, status=404)


def test_the_kill_switch(gateway: GatewayProcess, scene: Scene, token: str, ann: User) -> None:
    gateway.follows("scores", token)
    endpoint_stop(actor=Actor.of_user(ann), endpoint=scene.endpoint, reason="It went mad.")
    answer = gateway.follows("scores", token, status=503)
    assert (answer.json()["code"], "It went mad." in answer.json()["detail"]) == ("endpoint_stopped", True)
    assert gateway.client.get("/v2/models/scores/ready", headers=bearer(token)).status_code == 503
    revision = Endpoint.objects.get(pk=scene.endpoint.pk).route_revision
    settled(lambda: GatewayAck.objects.filter(endpoint=scene.endpoint, route_revision=revision))
    endpoint_start(actor=Actor.of_user(ann), endpoint=scene.endpoint)
    gateway.follows("scores", token)


def test_a_canary_gets_its_share_and_keeps_whom_it_has(
    gateway: GatewayProcess, scene: Scene, token: str, processes: list[ModelProcess]
) -> None:
    second = processes[1].process.pid
    keys = [f"customer-{number}" for number in range(150)]

    def seen() -> set[str]:
        return {
            key for key in keys if gateway.scored("scores", token, headers={"X-Routing-Key": key}) == second
        }

    gateway.follows("scores", token)
    assert seen() == set()
    for percent in (20, 60):
        scene.split({1: 100 - percent, 2: percent})
        expected = {key for key in keys if part_of(key) >= (100 - percent) * 100}
        assert len(expected) == pytest.approx(150 * percent / 100, abs=20)
        revision = Endpoint.objects.get(pk=scene.endpoint.pk).route_revision
        settled(lambda: GatewayAck.objects.filter(endpoint=scene.endpoint, route_revision=revision))  # noqa: B023
        assert seen() == expected


def test_a_shadow_gets_copies_and_delays_nobody(
    gateway: GatewayProcess, scene: Scene, token: str, processes: list[ModelProcess]
) -> None:
    scene.split({1: 100}, shadow={2: 100})
    settled(
        lambda: GatewayAck.objects.filter(
            endpoint=scene.endpoint, route_revision=Endpoint.objects.get(pk=scene.endpoint.pk).route_revision
        )
    )
    answer = gateway.score("scores", 1.0, token, headers={"X-Request-Id": "copied"})
    assert answer.json()["predictions"][0]["pid"] == processes[0].process.pid

    rows = settled(
        lambda: (
            list(InferenceRecord.objects.filter(request_id="copied").order_by("role"))
            if InferenceRecord.objects.filter(request_id="copied").count() == 2
            else []
        )
    )
    assert [(row.role, row.revision_id) for row in rows] == [("live", FIRST), ("shadow", SECOND)]
    assert rows[1].response["predictions"][0]["pid"] == processes[1].process.pid


def test_limits(gateway: GatewayProcess, scene: Scene, token: str, cora: User, token_for: Any) -> None:
    actor, limits = Actor.of_user(cora), {"body_bytes": 2000, "concurrency": 1}
    endpoint_update(actor=actor, endpoint=scene.endpoint, settings={"limits": limits})
    large = {"dataframe_records": [{"x": 1}] * 1000}
    path, shown = "/endpoints/scores/invocations", bearer(token)
    settled(lambda: gateway.client.post(path, json=large, headers=shown).status_code == 413)
    assert gateway.client.post(path, json=large, headers=shown).json()["code"] == "too_large"

    other = token_for(cora)
    with ThreadPoolExecutor(1) as pool:
        # Whoever of the two comes second is refused, and comes again.
        slow = pool.submit(gateway.follows, "scores", other, x=-1200.0)
        busy = settled(lambda: refused(gateway.score("scores", 1, token)))
        assert slow.result().status_code == 200
    assert (busy.json()["code"], busy.headers["retry-after"]) == ("too_many_at_once", "1")

    limits |= {"concurrency": 10, "requests_per_minute": 6}
    endpoint_update(actor=actor, endpoint=scene.endpoint, settings={"limits": limits})
    last = settled(lambda: refused(gateway.score("scores", 1, token)))
    assert last.json()["code"] == "rate_limited"
    assert int(last.headers["retry-after"]) >= 1
    assert gateway.score("scores", 1, other).status_code == 200  # each token has a minute of its own


def refused(answer: httpx.Response) -> httpx.Response | None:
    """The answer, if it says that there was too much."""
    return answer if answer.status_code == 429 else None


def test_a_killed_process_loses_no_request(
    gateway: GatewayProcess, scene: Scene, token: str, folder: Path, processes: list[ModelProcess]
) -> None:
    doomed = model_process(folder, key=serving_key(FIRST))
    scene.revision(1, address(processes[0]), address(doomed))
    settled(lambda: gateway.scored("scores", token) == doomed.process.pid)

    def ask(number: int) -> tuple[int, int]:
        with httpx.Client(base_url=gateway.client.base_url, timeout=30) as client:
            found = []
            for _ in range(25):
                answer = GatewayProcess(gateway.process, client, gateway.log).score(
                    "scores", -110.0 - number, token
                )
                found.append((answer.status_code, answer.json()["predictions"][0]["pid"]))
            return found  # type: ignore[return-value]

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, number) for number in range(4)]
        time.sleep(1)
        os.kill(doomed.process.pid, signal.SIGKILL)
        answers = Counter(each for done in asked for each in done.result())  # type: ignore[attr-defined]

    assert sum(answers.values()) == 100
    assert {status for status, _ in answers} == {200}
    assert (200, doomed.process.pid) in answers


def test_a_request_that_kills_is_not_sent_for_ever(
    gateway: GatewayProcess, scene: Scene, token: str, folder: Path
) -> None:
    doomed = [model_process(folder, key=serving_key(SECOND)) for _ in range(2)]
    scene.revision(2, *map(address, doomed))
    scene.split({2: 100})
    settled(lambda: gateway.scored("scores", token) in [each.process.pid for each in doomed])
    answer = gateway.score("scores", -2.0, token)
    assert (answer.status_code, answer.json()["code"]) == (503, "endpoint_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert [each.process.wait(10) for each in doomed] == [9, 9]


def test_it_waits_for_a_process_that_returns(
    gateway: GatewayProcess, scene: Scene, token: str, processes: list[ModelProcess]
) -> None:
    gateway.follows("scores", token)
    scene.revision(1)  # none answers
    settled(lambda: not gateway.client.get("/v2/models/scores/ready", headers=bearer(token)).json()["ready"])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gateway.score, "scores", 1, token)
        time.sleep(0.5)
        assert not waiting.done()
        scene.revision(1, address(processes[0]))
        assert waiting.result().status_code == 200


def test_headers_and_bodies_that_crawl_are_bounded(gateway: GatewayProcess) -> None:
    port = int(gateway.client.base_url.port or 0)
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.settimeout(5)
        link.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):  # cut off
            assert b"200" not in link.recv(100)


def test_figures_and_metrics(
    gateway: GatewayProcess, scene: Scene, token: str, olga: User, token_for: Callable[..., str]
) -> None:
    gateway.follows("scores", token)
    for _ in range(5):
        gateway.score("scores", 1, token)
    gateway.score("scores", -1, token)
    gateway.client.post("/endpoints/scores/invocations", json={}, headers=bearer(token))

    def counted() -> list[tuple[int, int, int]]:
        rows = TrafficFigure.objects.filter(endpoint=scene.endpoint, revision_id=FIRST)
        sums = [
            sum(getattr(row, name) for row in rows) for name in ("requests", "caller_errors", "server_errors")
        ]
        assert sum(sum(row.latency) for row in rows) == sums[0]
        return [sums] if sums[0] >= 8 else []  # type: ignore[list-item]

    (sums,) = settled(counted)
    assert (sums[1], sums[2]) == (1, 1)
    text = gateway.client.get("/metrics", headers=bearer(token_for(olga))).text
    assert 'portal_endpoint_requests_total{endpoint="scores",role="live",status="500"}' in text
    assert "portal_endpoint_latency_seconds_bucket" in text
    assert gateway.client.get("/metrics", headers=bearer(token)).status_code == 404
    assert gateway.client.get("/metrics").status_code == 401

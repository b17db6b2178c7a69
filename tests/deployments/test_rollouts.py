"""Roll-outs: what is decided, what people may do with one, and that nothing ends before gateways have let it go."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from deployments.deploying import deploy_or_request
from deployments.gateway.figures import Sums, figures_write
from deployments.models import Endpoint, GatewayAck, KillDrill, Revision, Rollout, Server, ServingNode
from deployments.reconciling.due import endpoints_due
from deployments.reconciling.rolling import Figures, step_of
from deployments.routes import RECONCILE_JOB, reconcile_ask
from deployments.services.endpoints import endpoint_drill, endpoint_stop
from deployments.services.observing import SERVER, server_observe
from deployments.services.rollouts import rollout_abort, rollout_pause, rollout_promote, rollout_resume
from deployments.split import split_now
from deployments.validation import rollout_read
from jobs.models import JobQuota, JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, NotFound, PermissionDenied
from tests.audit.events import recorded

NODE = Actor.system("node", actions=[SERVER])
QUIET = Figures(0, 0, None)


def looked(endpoint: Endpoint) -> str:
    """One run of the job of an endpoint; how it ended."""
    run = JobRun.objects.filter(kind=RECONCILE_JOB, key=endpoint.pk.hex, finished_at=None).first()
    if run is None:
        endpoint.refresh_from_db()
        with transaction.atomic():
            reconcile_ask(Actor.system("test", actions=[]), endpoint)
        run = JobRun.objects.get(kind=RECONCILE_JOB, key=endpoint.pk.hex, finished_at=None)
    assert run_job(run.pk)
    run.refresh_from_db()
    assert run.state == "done", run.reason
    return run.state


def seen(revision: Revision, state: str, **facts: Any) -> None:
    """As if the node had seen this of all processes of a revision."""
    for server in Server.objects.filter(revision=revision).select_related("revision__endpoint"):
        with transaction.atomic():
            port = 4000 + revision.number if state == "ready" else None
            server_observe(actor=NODE, server=server, facts={"seen": state, "port": port, **facts})


def acknowledged(endpoint: Endpoint, gateway: str, revision: int | None = None) -> None:
    endpoint.refresh_from_db()
    number = endpoint.route_revision if revision is None else revision
    GatewayAck.objects.update_or_create(
        gateway=gateway, endpoint=endpoint, defaults={"route_revision": number, "seen_at": now()}
    )


@pytest.fixture
def node(db: None) -> None:
    ServingNode.objects.create(name="local", seen_at=now() + dt.timedelta(hours=1), started_at=now())


@pytest.fixture
def deployed(node: None, endpoint_of, versions, cora, tmp_path: Path) -> Callable[..., Revision]:
    """`deployed(1, strategy=…)` deploys that version, and its files and packages are here already."""

    def deploy(number: int, endpoint: Endpoint, **rollout: Any) -> Revision:
        made = deploy_or_request(
            actor=Actor.of_user(cora), endpoint=endpoint, version=versions[number - 1], rollout=rollout
        )
        here = {"model": str(tmp_path), "python": str(tmp_path), "environment": "e", "signature": ""}
        Revision.objects.filter(pk=made.pk).update(prepared=here)
        looked(endpoint)
        made.refresh_from_db()
        assert made.observed_state == "starting"
        return made

    return deploy


@pytest.fixture
def served(deployed, endpoint_of) -> tuple[Endpoint, Revision]:
    """An endpoint whose first revision has all traffic."""
    endpoint = endpoint_of()
    first = deployed(1, endpoint)
    seen(first, "ready")
    looked(endpoint)
    assert split_now(endpoint) == {1: 100}
    return endpoint, first


def ago(rollout: Rollout, seconds: float) -> None:
    Rollout.objects.filter(pk=rollout.pk).update(step_began_at=now() - dt.timedelta(seconds=seconds))


def test_a_canary_takes_its_steps_and_what_served_ends_when_gateways_let_it_go(served, deployed):
    endpoint, first = served
    second = deployed(
        2, endpoint, strategy="canary", steps=[{"percent": 10, "seconds": 60}, {"percent": 100}]
    )
    assert split_now(endpoint) == {1: 100}
    seen(second, "ready")
    looked(endpoint)
    rollout = Rollout.objects.get(revision=second)
    assert (split_now(endpoint), rollout.state, rollout.step) == ({1: 90, 2: 10}, "progressing", 0)
    assert endpoint.pk not in endpoints_due()
    ago(rollout, 61)
    assert endpoint.pk in endpoints_due()
    acknowledged(endpoint, "slow")
    looked(endpoint)
    rollout.refresh_from_db()
    assert (split_now(endpoint), rollout.state) == ({2: 100}, "completed")
    looked(endpoint)
    old = Server.objects.get(revision=first)
    assert (Revision.objects.get(pk=first.pk).desired_state, old.wanted) == ("stopped", "running")
    acknowledged(endpoint, "slow")
    assert endpoint.pk in endpoints_due()
    looked(endpoint)
    old.refresh_from_db()
    assert old.wanted == "gone"
    seen(first, "gone")
    looked(endpoint)
    first.refresh_from_db()
    assert (first.observed_state, first.addresses) == ("stopped", [])
    assert endpoint.pk not in endpoints_due()


def test_people_pause_resume_and_abort(served, deployed, cora, bob, cleo):
    endpoint, _ = served
    second = deployed(2, endpoint, strategy="canary")
    seen(second, "ready")
    looked(endpoint)
    rollout = Rollout.objects.get(revision=second)
    mine = {"actor": Actor.of_user(cora), "endpoint": endpoint, "rollout": rollout, "reason": "look"}
    for person, error in ((bob, PermissionDenied), (cleo, NotFound)):
        with pytest.raises(error):
            rollout_promote(**mine | {"actor": Actor.of_user(person)})
    rollout_pause(**mine)
    with pytest.raises(Conflict):
        rollout_pause(**mine)
    ago(rollout, 999)
    looked(endpoint)
    assert split_now(endpoint) == {1: 95, 2: 5}
    assert rollout_resume(**mine).state == "progressing"
    assert split_now(endpoint) == {1: 95, 2: 5}
    assert rollout_abort(**mine).state == "aborted"
    assert split_now(endpoint) == {1: 100}
    with pytest.raises(Conflict, match="is over"):
        rollout_promote(**mine)
    looked(endpoint)
    assert Revision.objects.get(pk=second.pk).desired_state == "stopped"


def test_shares_of_a_test_stay_until_somebody_promotes(served, deployed, cora):
    endpoint, _ = served
    second = deployed(2, endpoint, strategy="ab", steps=[{"percent": 30}])
    rollout = Rollout.objects.get(revision=second)
    mine = {"actor": Actor.of_user(cora), "endpoint": endpoint, "rollout": rollout}
    with pytest.raises(Conflict, match="cannot take all"):
        rollout_promote(**mine)
    seen(second, "ready")
    looked(endpoint)
    ago(rollout, 9999)
    looked(endpoint)
    assert split_now(endpoint) == {1: 70, 2: 30}
    assert rollout_promote(**mine).state == "completed"
    assert split_now(endpoint) == {2: 100}
    assert ("deployments.rollout.promote", "done") in recorded()


def test_a_shadow_gets_copies_until_it_is_ended(served, deployed, cora):
    endpoint, _ = served
    second = deployed(2, endpoint, strategy="shadow", steps=[{"percent": 20}])
    seen(second, "ready")
    looked(endpoint)
    assert (split_now(endpoint), split_now(endpoint, "shadow")) == ({1: 100}, {2: 20})
    rollout_promote(
        actor=Actor.of_user(cora), endpoint=endpoint, rollout=Rollout.objects.get(revision=second)
    )
    assert (split_now(endpoint), split_now(endpoint, "shadow")) == ({2: 100}, {})


def answered(revision: Revision, *statuses: int, milliseconds: float = 5.0, ago_seconds: int = 0) -> None:
    """As if gateways had added up these answers of a revision."""
    sums = Sums()
    for status in statuses:
        sums.add(status, milliseconds)
    at = int(now().timestamp()) // 10 * 10 - ago_seconds
    figures_write({(revision.endpoint_id, revision.pk, "live", at): sums})


def test_a_broken_guard_takes_the_traffic_back(served, deployed):
    endpoint, _ = served
    guards = {"max_error_rate": 0.1, "min_requests": 50, "max_p95_ms": 100, "window_seconds": 30}
    second = deployed(2, endpoint, strategy="canary", guards=guards)
    seen(second, "ready")
    looked(endpoint)
    rollout = Rollout.objects.get(revision=second)
    answered(second, *[500] * 49)  # too few to say anything
    answered(second, *[500] * 50, ago_seconds=600)  # and long ago
    looked(endpoint)
    assert split_now(endpoint) == {1: 95, 2: 5}
    answered(second, *[200] * 451, *[404] * 100)  # what callers do wrong is no error of the model
    looked(endpoint)
    assert split_now(endpoint) == {1: 95, 2: 5}
    assert endpoint.pk not in endpoints_due()
    answered(second, *[503] * 100)
    assert endpoint.pk in endpoints_due()
    looked(endpoint)
    rollout.refresh_from_db()
    assert (split_now(endpoint), rollout.state) == ({1: 100}, "rolled_back")
    assert "21.3% of 700 requests" in rollout.outcome
    assert Revision.objects.get(pk=second.pk).desired_state == "stopped"


def test_slow_answers_break_a_guard_too(served, deployed):
    endpoint, _ = served
    second = deployed(2, endpoint, strategy="canary", guards={"max_p95_ms": 100})
    seen(second, "ready")
    looked(endpoint)
    answered(second, *[200] * 90, milliseconds=20)
    looked(endpoint)
    assert Rollout.objects.get(revision=second).state == "progressing"
    answered(second, *[200] * 10, milliseconds=300)
    looked(endpoint)
    assert "ms are allowed" in Rollout.objects.get(revision=second).outcome


@pytest.mark.parametrize(
    ("given", "revision", "figures", "act"),
    [
        ({}, {"observed_state": "starting"}, QUIET, None),
        ({}, {"observed_state": "failed", "observed_detail": "no"}, QUIET, "fail"),
        ({}, {}, QUIET, "begin"),
        ({"state": "paused"}, {}, QUIET, None),
        ({"began": 1}, {}, QUIET, None),
        ({"began": 301}, {}, QUIET, "next"),
        ({"began": 301, "state": "paused"}, {}, QUIET, None),
        ({"began": 1, "step": 3}, {}, QUIET, "complete"),
        ({"began": 30, "state": "paused"}, {}, Figures(100, 20, 1.0), "roll_back"),
        ({"began": 30}, {}, Figures(100, 5, 1.0), None),
        ({"began": 30}, {"observed_state": "failing", "down": 30}, QUIET, "roll_back"),
        ({"began": 30}, {"observed_state": "failing", "down": 3}, QUIET, None),
        ({"began": 30, "guards": {"max_p95_ms": 50}}, {}, Figures(100, 0, 51.0), "roll_back"),
    ],
)  # fmt: skip
def test_what_is_next(given, revision, figures, act):
    moment, asked = now(), rollout_read({"strategy": "canary", "guards": given.get("guards", {})})
    seen_at = moment - dt.timedelta(seconds=revision.pop("down", 0))
    of = {"observed_state": "ready", "desired_state": "running", "observed_detail": "", **revision}
    rollout: Any = SimpleNamespace(
        **asked, created_at=moment, revision=SimpleNamespace(**of, observed_at=seen_at), step=given.get("step", 0),
        state=given.get("state", "progressing" if "began" in given else "waiting"),
        step_began_at=moment - dt.timedelta(seconds=given["began"]) if "began" in given else None,
    )  # fmt: skip
    found = step_of(rollout, moment, lambda *_: figures)
    assert (found.act if found else None) == act


def test_a_full_queue_keeps_one_revision_waiting_and_nothing_else(
    served, deployed, endpoint_of, versions, cora
):
    endpoint, first = served
    JobQuota.objects.create(workspace=endpoint.workspace, max_queued=0)
    made = deploy_or_request(actor=Actor.of_user(cora), endpoint=endpoint, version=versions[1], rollout={})
    looked(endpoint)
    made.refresh_from_db()
    assert "may have 0 jobs waiting" in made.observed_detail
    seen(first, "failing", detail="It was killed.")
    looked(endpoint)
    first.refresh_from_db()
    assert (first.observed_state, first.addresses) == ("failing", [])


def test_a_drill_ends_when_every_gateway_refused_and_a_real_stop_stays(served, ann):
    endpoint, _ = served
    actor = Actor.of_user(ann)
    acknowledged(endpoint, uuid4().hex)
    acknowledged(endpoint, "other")
    drill = endpoint_drill(actor=actor, endpoint=endpoint)
    looked(endpoint)
    assert KillDrill.objects.get().ended_at is None
    for gateway in GatewayAck.objects.values_list("gateway", flat=True):
        acknowledged(endpoint, gateway)
    looked(endpoint)
    drill.refresh_from_db()
    endpoint.refresh_from_db()
    assert (endpoint.is_stopped, drill.gateways, drill.confirmed_at is None) == (False, 2, False)
    assert "All 2 gateways refused after" in drill.outcome
    endpoint_drill(actor=actor, endpoint=endpoint)
    endpoint_stop(actor=actor, endpoint=endpoint, reason="this is no drill")
    for gateway in GatewayAck.objects.values_list("gateway", flat=True):
        acknowledged(endpoint, gateway)
    looked(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.is_stopped, endpoint.stop_reason) == (True, "this is no drill")

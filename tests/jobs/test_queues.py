"""jobs.queue.*, jobs.quota.*, jobs.job.retry, jobs.job.prioritise: allowed, denied, refused; over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from jobs import transitions
from jobs.claims import claim_next
from jobs.models import JobQueue, JobQuota, JobRun, JobWorker
from jobs.queue import enqueue
from jobs.registry import JOB_KINDS
from jobs.services.runs import job_prioritise, job_retry
from jobs.workers import Worker, workers_forget
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, PermissionDenied

Acting = Callable[[User], Actor]


@pytest.fixture
def client_of(token_for: Callable[..., str], fresh_cache: None) -> Callable[[User], APIClient]:
    def client(user: User) -> APIClient:
        made = APIClient()
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(user)}")
        return made

    return client


def ask(actor: Actor, workspace: Workspace | None, key: str = "k", **where: Any) -> JobRun:
    return enqueue(
        "faults.returns", key=key, args={"value": 1}, actor=actor,
        workspace_id=workspace.pk if workspace else None, **where,
    )  # fmt: skip


def failed(run: JobRun) -> JobRun:
    transitions.claim(run.pk, "host:1:2")
    transitions.end(run.pk, 1, "failed", actor="x", reason="It broke.")
    run.refresh_from_db()
    return run


def outcomes(action: str) -> list[str]:
    return list(AuditEvent.objects.filter(action=action).order_by("id").values_list("outcome", flat=True))


def test_an_operator_makes_changes_pauses_and_resumes_a_queue(client_of: Any, olga: User) -> None:
    client = client_of(olga)
    made = client.post("/api/v1/job-queues", {"name": "gpu", "priority": 5, "max_running": 2}, format="json")
    assert (made.status_code, made.json()["is_paused"]) == (201, False)
    assert client.post("/api/v1/job-queues", {"name": "gpu"}, format="json").status_code == 409
    assert client.post("/api/v1/job-queues", {"name": "all"}, format="json").status_code == 400
    changed = client.patch("/api/v1/job-queues/gpu", {"max_running": None, "priority": 7}, format="json")
    assert (changed.json()["max_running"], changed.json()["priority"]) == (None, 7)
    assert client.post("/api/v1/job-queues/gpu/pauses", {"reason": "driver"}, format="json").json()[
        "is_paused"
    ]
    assert claim_next("h:1", ["gpu"]) is None
    resumed = client.post("/api/v1/job-queues/gpu/resumptions", {}, format="json")
    assert resumed.json()["is_paused"] is False
    assert client.post("/api/v1/job-queues/system/pauses", {}, format="json").status_code == 409
    listed = client.get("/api/v1/job-queues").json()["items"]
    assert [item["name"] for item in listed] == ["system", "gpu", "default"]
    for act, count in (("create", 2), ("update", 1), ("resume", 1)):
        assert (
            outcomes(f"jobs.queue.{act}").count("done") + outcomes(f"jobs.queue.{act}").count("refused")
            == count
        )
    assert outcomes("jobs.queue.pause") == ["done", "refused"]


@pytest.mark.parametrize("who", ["ann", "aude"])
def test_nobody_else_changes_a_queue_or_a_quota(
    client_of: Any, workspace: Workspace, who: str, request: Any
) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.post("/api/v1/job-queues/default/pauses", {}, format="json").status_code == 403
    assert client.put("/api/v1/job-quotas/credit/all", {"max_queued": 1}, format="json").status_code == 403
    assert JobQueue.objects.get(pk="default").paused_at is None
    assert not JobQuota.objects.exists()


def test_a_quota_is_set_refuses_in_words_and_is_removed(
    client_of: Any, acting: Acting, olga: User, ann: User, cleo: User, workspace: Workspace
) -> None:
    client = client_of(olga)
    assert client.put("/api/v1/job-quotas/credit/all", {}, format="json").status_code == 400
    assert client.put("/api/v1/job-quotas/credit/system", {"max_queued": 1}, format="json").status_code == 400
    set_ = client.put("/api/v1/job-quotas/credit/all", {"max_queued": 1, "reason": "noisy"}, format="json")
    assert (set_.status_code, set_.json()["queue"], set_.json()["max_queued"]) == (200, None, 1)
    client.put("/api/v1/job-quotas/credit/all", {"max_queued": 2}, format="json")
    assert [quota.max_queued for quota in JobQuota.objects.all()] == [2]
    assert client_of(ann).get("/api/v1/job-quotas").json()["items"][0]["workspace"] == "credit"
    assert client_of(cleo).get("/api/v1/job-quotas").json()["items"] == []
    assert client.delete("/api/v1/job-quotas/credit/all").status_code == 204
    assert client.delete("/api/v1/job-quotas/credit/all").status_code == 404
    assert outcomes("jobs.quota.remove") == ["done"]


def test_a_retry_over_a_full_quota_is_a_409_with_its_code(
    client_of: Any, acting: Acting, ann: User, workspace: Workspace
) -> None:
    run = failed(ask(acting(ann), workspace))
    ask(acting(ann), workspace, key="other")
    JobQuota.objects.create(workspace=workspace, max_queued=1)
    answer = client_of(ann).post(f"/api/v1/jobs/{run.pk}/retries", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "quota_exceeded")
    assert JobRun.objects.filter(key="k").count() == 1


def test_a_failed_job_runs_again_as_a_new_one(
    client_of: Any, acting: Acting, cora: User, workspace: Workspace
) -> None:
    run = failed(ask(acting(cora), workspace, priority=9))
    client = client_of(cora)
    answer = client.post(f"/api/v1/jobs/{run.pk}/retries", {"reason": "disk"}, format="json")
    again = answer.json()
    assert (answer.status_code, again["retry_of"], again["state"], again["args"]) == (
        201, str(run.pk), "queued", {"value": 1},
    )  # fmt: skip
    assert again["priority"] == 0
    assert client.post(f"/api/v1/jobs/{run.pk}/retries", {}, format="json").status_code == 409
    run.refresh_from_db()
    assert (run.state, run.events.last().name) == ("failed", "run again")  # type: ignore[union-attr]
    assert outcomes("jobs.job.retry") == ["done", "refused"]


def test_who_may_run_a_job_again(
    acting: Acting, ann: User, cora: User, bob: User, olga: User, aude: User, workspace: Workspace
) -> None:
    theirs = failed(ask(acting(ann), workspace))
    for who in (cora, bob, olga, aude):
        with pytest.raises(PermissionDenied):
            job_retry(actor=acting(who), run=theirs)
    scan = failed(ask(acting(ann), workspace, key="scan", queue="system"))
    assert job_retry(actor=acting(olga), run=scan).retry_of_id == scan.pk
    hers = failed(ask(acting(cora), workspace, key="hers"))
    assert job_retry(actor=acting(ann), run=hers).retry_of_id == hers.pk


def test_what_has_not_ended_badly_or_cannot_be_repeated_is_refused(
    acting: Acting, ann: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(acting(ann), workspace)
    with pytest.raises(Conflict, match="it is queued"):
        job_retry(actor=acting(ann), run=run)
    failed(run)
    monkeypatch.delitem(JOB_KINDS, "faults.returns")
    with pytest.raises(Conflict, match="cannot be run again as it was"):
        job_retry(actor=acting(ann), run=run)


def test_priority_is_changed_while_a_job_waits_and_above_zero_by_operators(
    client_of: Any, acting: Acting, ann: User, cora: User, olga: User, workspace: Workspace
) -> None:
    first, second = ask(acting(ann), workspace, key="1"), ask(acting(ann), workspace, key="2")
    url = f"/api/v1/jobs/{first.pk}/priority"
    assert client_of(cora).put(url, {"priority": -5}, format="json").status_code == 403
    assert client_of(ann).put(url, {"priority": 5}, format="json").status_code == 403
    assert client_of(ann).put(url, {"priority": -5}, format="json").json()["priority"] == -5
    assert claim_next("h:1", None) == second
    assert client_of(olga).put(url, {"priority": 50, "reason": "audit"}, format="json").status_code == 200
    assert claim_next("h:1", None) == first
    with pytest.raises(Conflict, match="does not wait any more"):
        job_prioritise(actor=acting(ann), run=first, priority=-1)


def test_workers_tell_who_they_are_and_what_they_do(
    client_of: Any, acting: Acting, olga: User, ann: User
) -> None:
    worker = Worker(slots=2, host="node-1", pid=77)
    worker.join(["default"])
    run = ask(acting(olga), None)
    transitions.claim(run.pk, f"{worker.name}:78")
    (shown,) = client_of(olga).get("/api/v1/job-workers").json()["items"]
    assert (shown["name"], shown["state"], shown["slots"]) == ("node-1:77", "alive", 2)
    assert [job["id"] for job in shown["jobs"]] == [str(run.pk)]
    standing = client_of(olga).get("/api/v1/job-queues").json()["items"]
    assert {each["name"]: (each["workers"], each["running"]) for each in standing}["default"] == (1, 1)
    worker.beat(["default"], is_leaving=True)
    assert client_of(olga).get("/api/v1/job-workers").json()["items"][0]["state"] == "leaving"
    worker.leave()
    assert client_of(olga).get("/api/v1/job-workers").json()["items"][0]["state"] == "stopped"
    assert client_of(ann).get("/api/v1/job-workers").status_code == 403
    JobWorker.objects.update(heartbeat_at="2000-01-01T00:00Z")
    assert workers_forget() == 1


def test_jobs_are_found_by_queue_and_by_who_asked(
    client_of: Any, acting: Acting, ann: User, cora: User, workspace: Workspace
) -> None:
    hers = ask(acting(cora), workspace, key="hers")
    system = ask(acting(ann), workspace, key="sys", queue="system")
    client = client_of(ann)
    found = client.get("/api/v1/jobs", {"created_by": "cora"}).json()["items"]
    assert [item["id"] for item in found] == [str(hers.pk)]
    found = client.get("/api/v1/jobs", {"queue": "system"}).json()["items"]
    assert [item["id"] for item in found] == [str(system.pk)]

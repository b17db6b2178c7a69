"""The pages of jobs: what they show to whom, and what their forms do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from jobs import transitions
from jobs.models import JobQueue, JobQuota, JobRun
from jobs.queue import enqueue
from jobs.workers import Worker
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace

Acting = Callable[[User], Actor]


@pytest.fixture
def signed_in(fresh_cache: None) -> Callable[[User], Client]:
    def client(user: User) -> Client:
        made = Client()
        made.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return made

    return client


def ask(actor: Actor, workspace: Workspace | None, key: str = "k", **where: Any) -> JobRun:
    return enqueue(
        "faults.returns", key=key, args={"value": "seventeen"}, actor=actor,
        workspace_id=workspace.pk if workspace else None, **where,
    )  # fmt: skip


def failed(run: JobRun) -> JobRun:
    transitions.claim(run.pk, "node:1:2")
    transitions.end(run.pk, 1, "failed", actor="x", reason="The disk was full.")
    return JobRun.objects.get(pk=run.pk)


def test_the_list_shows_filters_and_pages(
    signed_in: Any, acting: Acting, ann: User, cora: User, cleo: User, workspace: Workspace, monkeypatch: Any
) -> None:
    monkeypatch.setattr("jobs.web.views.ON_A_PAGE", 2)
    runs = [ask(acting(ann), workspace, key=str(number)) for number in range(2)]
    runs.append(failed(ask(acting(cora), workspace, key="hers")))
    client = signed_in(ann)
    first = client.get("/jobs")
    assert first.status_code == 200
    assert [job.pk for job in first.context["rows"]] == [runs[2].pk, runs[1].pk]
    second = client.get("/jobs", {"page_token": first.context["next_token"]})
    assert [job.pk for job in second.context["rows"]] == [runs[0].pk]
    for query, found in (
        ({"state": "failed"}, [runs[2]]), ({"person": "cora"}, [runs[2]]), ({"queue": "system"}, []),
        ({"state": "active", "kind": "faults.returns", "workspace": "credit"}, [runs[1], runs[0]]),
    ):  # fmt: skip
        assert list(client.get("/jobs", query).context["rows"]) == found
    assert client.get("/jobs", {"state": "odd"}).status_code == 400
    fragment = client.get("/jobs", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert runs[2].pk.hex[-8:] in fragment
    assert not signed_in(cleo).get("/jobs").context["rows"]


def test_a_job_shows_what_happened_and_offers_what_may_be_done(
    signed_in: Any, acting: Acting, ann: User, bob: User, cleo: User, workspace: Workspace
) -> None:
    run = failed(ask(acting(ann), workspace))
    page = signed_in(ann).get(f"/jobs/{run.pk}").content.decode()
    for text in ("The disk was full.", "seventeen", "started", "Run again", "Audit trail"):
        assert text in page
    assert "Cancel job" not in page
    assert "Run again?" not in signed_in(bob).get(f"/jobs/{run.pk.hex}").content.decode()
    assert signed_in(cleo).get(f"/jobs/{run.pk}").status_code == 404


def test_the_forms_cancel_reorder_and_run_again(
    signed_in: Any, acting: Acting, ann: User, bob: User, workspace: Workspace
) -> None:
    run, client = ask(acting(ann), workspace), signed_in(ann)
    client.post(f"/jobs/{run.pk}/priority", {"priority": "-7", "reason": "later"})
    signed_in(bob).post(f"/jobs/{run.pk}/cancel", {"reason": ""})
    run.refresh_from_db()
    assert (run.priority, run.state) == (-7, "queued")
    client.post(f"/jobs/{run.pk}/cancel", {"reason": "a typo"})
    run.refresh_from_db()
    assert (run.state, run.reason) == ("cancelled", "Cancelled by ann: a typo")
    answer = client.post(f"/jobs/{run.pk}/retry", {"reason": ""})
    again = JobRun.objects.get(retry_of=run)
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{again.pk}")
    assert again.pk.hex[-8:] in client.get(f"/jobs/{run.pk}").content.decode()


def test_the_console_is_for_operators_and_auditors_and_changes_things(
    signed_in: Any, acting: Acting, ann: User, olga: User, aude: User, workspace: Workspace
) -> None:
    Worker(slots=2, host="node-1", pid=77).join(["default", "system"])
    transitions.claim(ask(acting(ann), workspace, key="held").pk, "node-1:77:78")
    failed(ask(acting(ann), workspace))
    assert signed_in(ann).get("/jobs/console").status_code == 403
    seen = signed_in(aude).get("/jobs/console").content.decode()
    assert "node-1:77" in seen
    assert "The disk was full." in seen
    assert "New queue" not in seen
    client = signed_in(olga)
    client.post("/jobs/queues/new", {"name": "gpu", "priority": "3", "max_running": ""})
    client.post("/jobs/queues/gpu/limits", {"priority": "4", "max_running": "2", "description": "cards"})
    client.post("/jobs/queues/gpu/pause", {"reason": "driver"})
    gpu = JobQueue.objects.get(pk="gpu")
    assert (gpu.priority, gpu.max_running, gpu.is_paused) == (4, 2, True)
    client.post("/jobs/queues/gpu/resume", {})
    client.post("/jobs/quotas", {"workspace": "credit", "queue": "gpu", "max_running": "1", "max_queued": ""})
    assert JobQuota.objects.get().max_running == 1
    page = client.get("/jobs/console").content.decode()
    assert "cards" in page
    assert "Remove the quota of credit" in page
    client.post("/jobs/quotas/remove", {"workspace": "credit", "queue": "gpu"})
    assert not JobQuota.objects.exists()
    signed_in(aude).post("/jobs/queues/gpu/pause", {})
    gpu.refresh_from_db()
    assert gpu.is_paused is False

"""jobs.job.cancel: allowed, denied, refused, repeated; over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from jobs import transitions
from jobs.models import JobRun
from jobs.queue import enqueue
from jobs.selectors import job_list, jobs_recent
from jobs.services.runs import job_cancel
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, PermissionDenied

Acting = Callable[[User], Actor]


@pytest.fixture
def run(acting: Acting, ann: User, workspace: Workspace) -> JobRun:
    return enqueue("faults.returns", key="k", args={"value": 1}, actor=acting(ann), workspace_id=workspace.pk)


@pytest.fixture
def client_of(token_for: Callable[..., str], fresh_cache: None) -> Callable[[User], APIClient]:
    def client(user: User) -> APIClient:
        made = APIClient()
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(user)}")
        return made

    return client


def outcomes(run: JobRun) -> list[str]:
    found = AuditEvent.objects.filter(action="jobs.job.cancel", object_id=run.pk.hex)
    return list(found.order_by("id").values_list("outcome", flat=True))


@pytest.mark.parametrize("who", ["ann", "cora", "olga"])
def test_maintainers_contributors_and_operators_cancel(
    acting: Acting, run: JobRun, who: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    cancelled = job_cancel(actor=acting(user), run=run, reason="a typo")
    assert (cancelled.state, cancelled.reason) == ("cancelled", f"Cancelled by {who}: a typo")
    assert outcomes(run) == ["done"]


def test_a_viewer_may_not_cancel(acting: Acting, bob: User, run: JobRun) -> None:
    with pytest.raises(PermissionDenied):
        job_cancel(actor=acting(bob), run=run)
    run.refresh_from_db()
    assert (run.state, outcomes(run)) == ("queued", ["denied"])


def test_a_running_job_is_asked_to_stop_once(acting: Acting, ann: User, run: JobRun) -> None:
    transitions.claim(run.pk, "host:1")
    first = job_cancel(actor=acting(ann), run=run).cancel_requested_at
    second = job_cancel(actor=acting(ann), run=run)
    assert (second.state, second.cancel_requested_at) == ("running", first)
    assert run.events.filter(name="cancel asked").count() == 1


def test_a_job_that_is_done_cannot_be_cancelled(acting: Acting, ann: User, run: JobRun) -> None:
    transitions.claim(run.pk, "host:1")
    transitions.end(run.pk, 1, "done", actor="x", reason="")
    with pytest.raises(Conflict, match="it is done already"):
        job_cancel(actor=acting(ann), run=run)
    assert outcomes(run) == ["refused"]


def test_cancelling_twice_changes_nothing(acting: Acting, ann: User, run: JobRun) -> None:
    first = job_cancel(actor=acting(ann), run=run).finished_at
    assert job_cancel(actor=acting(ann), run=run).finished_at == first


def test_the_api_lists_shows_and_cancels(client_of: Any, ann: User, run: JobRun) -> None:
    client = client_of(ann)
    listed = client.get("/api/v1/jobs", {"state": "active", "workspace": "credit"}).json()
    assert [item["id"] for item in listed["items"]] == [str(run.pk)]
    assert client.get("/api/v1/jobs", {"state": "done"}).json()["items"] == []
    shown = client.get(f"/api/v1/jobs/{run.pk}").json()
    assert (shown["state"], shown["workspace"], shown["created_by"]) == ("queued", "credit", "ann")
    assert [event["name"] for event in shown["events"]] == ["queued"]
    answer = client.post(f"/api/v1/jobs/{run.pk}/cancellations", {"reason": "a typo"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (201, "cancelled")


def test_an_outsider_learns_nothing(client_of: Any, acting: Acting, cleo: User, run: JobRun) -> None:
    client = client_of(cleo)
    assert client.get("/api/v1/jobs").json()["items"] == []
    missing = client.get("/api/v1/jobs/01890000-0000-7000-8000-000000000000")
    hidden = client.get(f"/api/v1/jobs/{run.pk}")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, missing.json()["detail"])
    assert client.post(f"/api/v1/jobs/{run.pk}/cancellations", {}, format="json").status_code == 404
    run.refresh_from_db()
    assert run.state == "queued"
    assert jobs_recent(acting(cleo), 5) == []


def test_jobs_of_the_portal_itself_are_seen_by_those_who_see_everything(
    acting: Acting, ann: User, aude: User, olga: User, run: JobRun
) -> None:
    own = enqueue("faults.returns", key="k", args={"value": 1}, actor=acting(olga), workspace_id=None)
    assert own not in job_list(acting(ann))
    assert own in job_list(acting(aude))
    assert jobs_recent(acting(olga), 5) == [own, run]

"""Garbage collection: what goes, what stays and why, and that no death in between loses or leaves anything."""

import contextlib
import csv
import io
import os
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from compliance.models import LegalHold
from compliance.models.policies import Evidence
from experiments.artifacts.locations import model_location, run_location, store_path
from experiments.artifacts.store import artifact_store
from experiments.models import (
    Collected,
    LatestMetric,
    LoggedModel,
    MetricChunk,
    Param,
    RetentionRule,
    Run,
    RunTag,
    StorageUse,
)
from experiments.services import collections as acts
from experiments.services.experiments import experiment_delete, experiment_restore
from experiments.services.holds import location_hold
from experiments.services.reports import report_create
from experiments.services.retention import COLLECT_JOB, collection_start
from experiments.services.run_sets import runs_restore
from experiments.services.runs import run_restore
from jobs.models import JobRun
from jobs.runner import run_job
from portal.audit.models import AuditEvent
from portal.kernel import sql
from portal.kernel.clock import now, now_ms
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from registry.models import ModelVersion, RegisteredModel
from tests.api.conftest import ApiClient
from tests.audit.events import detail_of
from tests.compliance.crashing import Countdown

DAY = 86_400_000
RELEASE = "UPDATE jobs_jobrun SET state = 'queued', lease_until = NULL WHERE state = 'running' AND kind = %s"


class Killed(BaseException):
    """What a kill looks like from inside: nothing of ours catches it."""


class Death(Countdown):
    """Dies before the n-th statement of this thread, in this process, since the store's threads survive no fork."""

    def step(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self.left -= 1
            if self.left == 0:
                raise Killed


def dies_at(deadly, work, monkeypatch):
    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(sql, "cursor", sql.cursor)
        commit = BaseDatabaseWrapper._commit
        Death(deadly).install()
        BaseDatabaseWrapper._commit = commit  # an exception out of a commit is not like a death in it
        work()
    connection.execute_wrappers.clear()
    connection.close()


@pytest.fixture
def store(settings, tmp_path):
    settings.ARTIFACT_ROOT = str(tmp_path)
    return artifact_store()


@pytest.fixture
def rule(workspace):
    return RetentionRule.objects.create(workspace=workspace, purge_after_days=30, changed_at=now())


@pytest.fixture
def made(experiment, store):
    """Makes a run with all that hangs on one; by default it was deleted 40 days ago."""

    def make(name="over", *, deleted_days: int | None = 40, ended_days=50, files=2, model=False):
        run_id, at = uuid7(), now_ms()
        run = Run.objects.create(
            id=run_id, experiment=experiment, workspace=experiment.workspace, name=name, status="FINISHED",
            start_time=at - ended_days * DAY, end_time=at - ended_days * DAY,
            artifact_uri=run_location(experiment.workspace_id, experiment.pk, run_id),
            lifecycle_stage="active" if deleted_days is None else "deleted",
            deleted_time=None if deleted_days is None else at - deleted_days * DAY,
        )  # fmt: skip
        Param.objects.create(run=run, experiment_id=experiment.pk, key="lr", value="0.1")
        RunTag.objects.create(run=run, experiment_id=experiment.pk, key="team", value="risk")
        MetricChunk.objects.create(
            run=run, key="loss", first_step=0, last_step=2, points=3, is_sorted=True, steps=[0, 1, 2],
            timestamps=[1, 2, 3], values=[3.0, 2.0, 1.0],
        )  # fmt: skip
        LatestMetric.objects.create(
            run=run, experiment_id=experiment.pk, key="loss", value=1.0, step=2, timestamp=3
        )
        for number in range(files):
            store.put(f"{store_path(run.artifact_uri)}/deep/{number}.txt", [b"12345"])
        if model:
            key = f"m-{uuid7().hex}"
            location = model_location(run.workspace_id, experiment.pk, key)
            LoggedModel.objects.create(
                id=key, workspace=run.workspace, experiment=experiment, source_run=run, name="net",
                artifact_location=location, status="LOGGED_MODEL_READY", creation_timestamp=1,
                last_updated_timestamp=1,
            )  # fmt: skip
            store.put(f"{store_path(location)}/MLmodel", [b"1234567"])
        return run

    return make


@pytest.fixture
def orphan(experiment, store, tmp_path):
    def make(days=3):
        path = f"{experiment.workspace_id}/{experiment.pk}/{uuid7().hex}/artifacts/left.bin"
        store.put(path, [b"x" * 100])
        then = time.time() - days * 86_400
        os.utime(tmp_path / path, (then, then))
        return path

    return make


def run_collection(actor, workspace, *, dry=False):
    made = collection_start(actor=actor, workspace=workspace, is_dry_run=dry)
    assert run_job(made.job_id)
    made.refresh_from_db()
    assert made.finished_at, JobRun.objects.get(pk=made.job_id).reason
    return made


def said(collection):
    return {
        thing.name or thing.subject: (thing.state, thing.reason)
        for thing in Collected.objects.filter(collection=collection)
    }


def there(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.django_db(transaction=True)
def test_what_is_over_goes_and_all_else_stays(  # noqa: PLR0915
    made, rule, orphan, acting, ann, workspace, experiment, tmp_path
):
    over, modelled = made("over"), made("modelled", model=True)
    young, active = made("young", deleted_days=20), made("active", deleted_days=None)
    needed = {"registered": made("registered"), "seen to": made("seen to"), "shown": made("shown"),
              "held": made("held"), "fixed": made("fixed", model=True)}  # fmt: skip
    model = RegisteredModel.objects.create(
        workspace=workspace, name="m", creation_timestamp=1, last_updated_timestamp=1
    )
    ModelVersion.objects.create(
        workspace=workspace, model=model, version=1, run=needed["registered"], creation_timestamp=1,
        last_updated_timestamp=1,
    )  # fmt: skip
    Evidence.objects.create(
        workspace=workspace, kind="evaluation", subject_type="run", subject_id=needed["seen to"].pk.hex,
        subject_label="r", outcome="pass", digest="0" * 64, source="t", actor="t", recorded_at=now(),
    )  # fmt: skip
    report_create(
        actor=acting(ann),
        workspace=workspace,
        title="t",
        body=f"```runs\n/runs/compare?run={needed['shown'].pk.hex}\n```",
    )
    LegalHold.objects.create(
        workspace=workspace, subject_type="run", subject_id=needed["held"].pk.hex, subject_label="case 17",
        reason="r", placed_by=ann,
    )  # fmt: skip
    fixed = LoggedModel.objects.get(source_run=needed["fixed"])
    with transaction.atomic():
        location_hold(workspace_id=workspace.pk, location=fixed.artifact_location)
    left, fresh = orphan(), orphan(days=0)
    before = there(tmp_path)

    dry = run_collection(acting(ann), workspace, dry=True)
    words = said(dry)
    assert {name for name, (state, _) in words.items() if state == "would"} == {
        "over",
        "modelled",
        left.rpartition("/artifacts")[0],
    }
    assert {name: words[name][1] for name in needed} == {
        "registered": "a model version refers to it", "seen to": "its evidence needs it", "shown": "a report shows it",
        "held": "a legal hold on case 17 keeps it", "fixed": "a registered model version is made of its files",
    }  # fmt: skip
    assert (there(tmp_path), Run.objects.count()) == (before, 9)

    real = run_collection(acting(ann), workspace)
    assert {name for name, (state, _) in said(real).items() if state == "gone"} == {
        "over",
        "modelled",
        left.rpartition("/artifacts")[0],
    }
    assert set(Run.objects.values_list("pk", flat=True)) == {
        young.pk,
        active.pk,
        *(run.pk for run in needed.values()),
    }
    assert LoggedModel.objects.count() == 1
    for kind in (Param, RunTag, MetricChunk, LatestMetric):
        assert set(kind.objects.values_list("run_id", flat=True)) == set(
            Run.objects.values_list("pk", flat=True)
        )
    gone = {over.pk.hex, modelled.pk.hex}
    assert there(tmp_path) == [
        path
        for path in before
        if not (
            gone & set(path.split("/")) or path == left or (path.endswith("MLmodel") and fixed.pk not in path)
        )
    ]
    assert fresh in there(tmp_path)

    event = AuditEvent.objects.get(action="experiments.run.purge")
    told = {key: value[1] for key, value in detail_of(event)["changes"].items()}
    assert (told["runs"], told["files"], told["bytes"], told["points"]) == (2, 5, 27, 6)
    digests = (
        Collected.objects.filter(collection=real, kind="run", state="gone")
        .order_by("subject")
        .values_list("digest", flat=True)
    )
    assert told["contents_sha256"] == acts._digest(digests)
    use = StorageUse.objects.get(experiment=experiment)
    assert (use.runs, use.points, use.files) == (7, 21, len(there(tmp_path)))
    assert use.bytes == sum((tmp_path / path).stat().st_size for path in there(tmp_path))
    assert not any(state == "gone" for state, _ in said(run_collection(acting(ann), workspace)).values())


@pytest.mark.django_db(transaction=True)
def test_ended_runs_are_deleted_first_where_the_rule_says_so(made, rule, acting, ann, workspace):
    rule.delete_after_days = 45
    rule.save()
    old, new, kept = (
        made("old", deleted_days=None),
        made("new", deleted_days=None, ended_days=10),
        made("kept", deleted_days=None, model=True),
    )
    running = made("running", deleted_days=None)
    Run.objects.filter(pk=running.pk).update(status="RUNNING", end_time=None)
    run_collection(acting(ann), workspace)
    stages = dict(Run.objects.values_list("name", "lifecycle_stage"))
    assert stages == {"old": "deleted", "new": "active", "kept": "active", "running": "active"}
    assert now_ms() - Run.objects.get(pk=old.pk).deleted_time < 60_000  # and can be restored for 30 days
    run_restore(actor=acting(ann), run=Run.objects.get(pk=old.pk))
    assert {new.pk, kept.pk} < set(Run.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_nobody_restores_or_registers_what_is_marked_and_a_later_hold_stops_it(
    made, rule, acting, ann, workspace, experiment, monkeypatch, tmp_path
):
    run, seen = made(model=True), []
    model = LoggedModel.objects.get(source_run=run)

    def look(*, actor, collection, run_ids):
        """What happens between the mark and the removal of the files."""
        for change in (
            lambda: run_restore(actor=acting(ann), run=run),
            lambda: runs_restore(actor=acting(ann), workspace=workspace, run_ids=[run.pk]),
            lambda: experiment_restore(actor=acting(ann), experiment=experiment),
        ):
            with pytest.raises(Conflict) as no:
                change()
            seen.append(no.value.code)
        with pytest.raises(Conflict), transaction.atomic():
            location_hold(workspace_id=workspace.pk, location=model.artifact_location)
        LegalHold.objects.create(
            workspace=workspace, subject_type="loggedmodel", subject_id=model.pk, subject_label="m", reason="r",
            placed_by=ann,
        )  # fmt: skip

    experiment_delete(actor=acting(ann), experiment=experiment)
    Run.objects.update(deleted_time=now_ms() - 40 * DAY)
    before, marked = there(tmp_path), acts.runs_mark
    with monkeypatch.context() as patch:
        patch.setattr(
            acts,
            "runs_mark",
            lambda **given: (marked(**given), look(actor=None, collection=None, run_ids=None))[0],
        )
        run_collection(acting(ann), workspace)
    assert seen == ["being_purged"] * 3
    assert (there(tmp_path), Run.objects.count()) == (before, 1)
    LegalHold.objects.update(released_at=now(), released_by=ann)
    run_collection(acting(ann), workspace)
    assert (there(tmp_path), Run.objects.count(), LoggedModel.objects.count()) == ([], 0, 0)


@pytest.mark.django_db(transaction=True)
def test_what_is_restored_before_the_mark_stays(made, rule, acting, ann, workspace, monkeypatch, tmp_path):
    run = made()
    marked = acts.runs_mark
    monkeypatch.setattr(
        acts, "runs_mark", lambda **given: (run_restore(actor=acting(ann), run=run), marked(**given))[1]
    )
    run_collection(acting(ann), workspace)
    assert Run.objects.get().is_active
    assert len(there(tmp_path)) == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_death_at_any_statement_leaves_nothing_half_done(
    made, rule, orphan, acting, ann, workspace, tmp_path, monkeypatch
):
    """The job is killed at each of its statements in turn, and goes on from what was left."""
    kept = made("kept", deleted_days=20)
    over = [made(f"over {number}", model=number == 1) for number in range(2)]
    orphan()
    collection = collection_start(actor=acting(ann), workspace=workspace, is_dry_run=False)
    for deadly in range(1, 400):
        sql.execute(RELEASE, [COLLECT_JOB])
        JobRun.objects.filter(pk=collection.job_id).update(max_attempts=1_000)
        dies_at(deadly, lambda: run_job(collection.job_id), monkeypatch)
        left = set(Run.objects.values_list("pk", flat=True))
        for run in over:
            whole = f"{run.pk.hex}/artifacts/deep/0.txt" in " ".join(there(tmp_path))
            is_marked = Collected.objects.filter(state="marked", subject=run.pk.hex).exists()
            # Files go only from runs that are marked, and rows only when the files are gone.
            assert whole or is_marked or run.pk not in left
            assert not (whole and run.pk not in left)
        if JobRun.objects.get(pk=collection.job_id).is_terminal:
            break
    collection.refresh_from_db()
    assert collection.finished_at
    assert left == {kept.pk}
    assert all(kept.pk.hex in path for path in there(tmp_path))
    purged = [
        detail_of(event)["changes"]["runs"][1]
        for event in AuditEvent.objects.filter(action="experiments.run.purge")
    ]
    assert sum(purged) == 2


@pytest.fixture
def api(token_for, fresh_cache):
    return lambda user: ApiClient(token_for(user))


@pytest.mark.django_db(transaction=True)
def test_only_maintainers_ask_and_one_at_a_time(store, ann, cora, cleo, workspace, api):
    assert api(cora).post("collections", {"workspace": "credit"}).status_code == 403
    assert api(cleo).post("collections", {"workspace": "credit"}).status_code == 404
    asked = api(ann).post("collections", {"workspace": "credit", "is_dry_run": True}).json()
    assert (asked["state"], asked["totals"]) == ("queued", None)
    again = api(ann).post("collections", {"workspace": "credit"})
    assert (again.status_code, again.json()["code"]) == (409, "collecting_already")


@pytest.mark.django_db(transaction=True)
def test_rules_storage_and_reports_by_the_api_and_the_pages(
    made, acting, ann, bob, workspace, experiment, api
):
    made("=1+1")
    put = api(ann).put(
        "workspaces/credit/retention", {"experiment_id": experiment.pk, "purge_after_days": 10}
    )
    assert (put.status_code, put.json()["experiment"]) == (200, "scoring")
    assert api(ann).put("workspaces/credit/retention", {"purge_after_days": 0}).status_code == 400
    assert api(bob).put("workspaces/credit/retention", {"purge_after_days": 5}).status_code == 403
    dry = run_collection(acting(ann), workspace, dry=True)
    assert api(bob).get("workspaces/credit/storage").json() | {"counted_at": ""} == {
        "files": 2, "bytes": 10, "points": 3, "runs": 1, "counted_at": "",
    }  # fmt: skip
    (use,) = api(bob).get("workspaces/credit/storage/experiments").json()["items"]
    assert (use["experiment"], use["bytes"]) == ("scoring", 10)
    told = api(bob).get(f"collections/{dry.pk}").json()
    assert told["totals"][0] | {"experiment": 0} == {
        "experiment": 0, "name": "scoring", "act": "purge", "state": "would", "things": 1, "files": 2, "bytes": 10,
        "points": 3,
    }  # fmt: skip
    assert api(bob).get(f"collections/{dry.pk}/things").json()["items"][0]["name"] == "=1+1"
    assert api(ann).delete(f"workspaces/credit/retention?experiment_id={experiment.pk}").status_code == 204

    page = Client()
    page.force_login(bob)
    text = page.get("/workspaces/credit/storage").content.decode()
    assert "scoring" in text
    assert "dry run" in text
    assert "Collect now" not in text
    assert "=1+1" in page.get(f"/collections/{dry.pk}").content.decode()
    sheet = b"".join(page.get(f"/collections/{dry.pk}/things.csv").streaming_content).decode()
    (line,) = csv.DictReader(io.StringIO(sheet))
    assert (line["name"], line["bytes"], line["state"]) == ("'=1+1", "10", "would")
    assert page.get(f"/collections/{dry.pk}/things.xml").status_code == 400
    page.force_login(ann)
    page.post("/workspaces/credit/retention", {"purge_after_days": "7"})
    assert RetentionRule.objects.get().purge_after_days == 7
    page.post("/workspaces/credit/retention", {"act": "clear", "experiment": ""})
    assert not RetentionRule.objects.exists()
    assert page.post("/workspaces/credit/collections", {"act": "dry"}).status_code == 302

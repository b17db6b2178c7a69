"""Uploaded archives that no import needs any more: they go as other files do that nobody owns."""

import os
import time

import pytest

from experiments.artifacts.store import artifact_store
from experiments.models import Collected, RetentionRule
from experiments.services import collections as acts
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.models import Workspace
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from tests.api.conftest import ApiClient
from tests.audit.events import detail_of
from tests.experiments.test_collections import Killed, run_collection, said, there
from tests.jobs.live import asked
from transfer.services.requests import WANDB, Wish, import_request

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "no import that has not ended needs this archive"


@pytest.fixture
def kept(workspace, settings, tmp_path):
    """Keeps an archive of so many days' age; its path."""
    settings.ARTIFACT_ROOT = str(tmp_path)

    def keep(name, days=3, place=workspace):
        path = f"imports/{place.pk}/{name}"
        artifact_store().put(path, [b"x" * 100])
        then = time.time() - days * 86_400
        os.utime(tmp_path / path, (then, then))
        return path

    return keep


def _asked(actor, workspace, path):
    wish = Wish(kind=WANDB, archive=path, origin=path.rpartition("/")[2], experiment="boards")
    return import_request(actor=actor, workspace=workspace, wish=wish)


def test_an_archive_goes_when_no_import_needs_it(kept, workspace, acting, ann, bob, tmp_path, token_for):
    left, young, needed = kept("left"), kept("young", days=0.9), kept("needed")
    elsewhere = kept("left", place=Workspace.objects.create(name="other"))
    _asked(acting(ann), workspace, needed)
    dry = run_collection(acting(ann), workspace, dry=True)
    assert (said(dry), len(there(tmp_path))) == ({left: ("would", WHY)}, 4)
    (thing,) = ApiClient(token_for(bob)).get(f"collections/{dry.pk}/things").json()["items"]
    assert (thing["kind"], thing["files"], thing["bytes"], thing["experiment_id"]) == ("orphan", 1, 100, None)
    (total,) = ApiClient(token_for(bob)).get(f"collections/{dry.pk}").json()["totals"]
    assert (total["experiment"], total["state"], total["bytes"]) == (None, "would", 100)
    real = run_collection(acting(ann), workspace)
    assert said(real) == {left: ("gone", WHY)}
    assert there(tmp_path) == sorted([young, needed, elsewhere])
    told = detail_of(AuditEvent.objects.get(action="experiments.orphan.purge"))["changes"]
    assert (told["files"][1], told["bytes"][1]) == (1, 100)


def test_an_archive_whose_import_has_ended_goes_though_it_was_not_dropped(
    kept, workspace, acting, ann, tmp_path
):
    path = kept("ended")
    job = _asked(acting(ann), workspace, path)
    assert said(run_collection(acting(ann), workspace)) == {}
    JobRun.objects.filter(pk=job.pk).update(state="failed", finished_at=now())  # and its worker died then
    assert said(run_collection(acting(ann), workspace)) == {path: ("gone", WHY)}
    assert there(tmp_path) == []


def test_a_death_before_the_file_goes_leaves_it_for_the_next_time(
    kept, workspace, acting, ann, tmp_path, monkeypatch
):
    path, purge = kept("left"), acts.orphans_purge

    def dying(**given):
        purge(**given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(acts, "orphans_purge", dying)
        with pytest.raises(Killed):
            run_collection(acting(ann), workspace)
    assert (there(tmp_path), Collected.objects.get().subject) == ([path], path)
    JobRun.objects.filter(state="running").update(state="queued", lease_until=None)
    assert run_job(JobRun.objects.get().pk)
    assert (there(tmp_path), JobRun.objects.get().state) == ([], "done")


def test_the_daily_round_removes_it_where_no_rule_asks_for_collections(kept, workspace, ann, tmp_path):
    ruled = Workspace.objects.create(name="ruled")
    RetentionRule.objects.create(workspace=ruled, purge_after_days=30, changed_at=now())
    kept("left")
    collected, young = kept("left", place=ruled), kept("young", days=0)
    job = asked("experiments.keep_house")
    assert run_job(job.pk)
    assert there(tmp_path) == sorted([young, collected])
    told = detail_of(AuditEvent.objects.get(action="experiments.upload.clear"))["changes"]
    assert (told["files"][1], told["bytes"][1]) == (1, 100)
    assert run_job(JobRun.objects.get(kind="experiments.collect").pk)
    assert there(tmp_path) == [young]

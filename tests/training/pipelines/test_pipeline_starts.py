"""What starts pipelines by itself: times and events, each once."""

import datetime as dt

import pytest
from django.db import transaction

from experiments.services.dataset_versions import NewVersion, dataset_register
from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import Membership
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, PermissionDenied
from tests.training.pipelines.play import step
from tests.training.sweeps.play import settle
from training.models import PipelineRun, PipelineSchedule, PipelineTrigger
from training.pipelines.handlers import TICK_JOB
from training.pipelines.schedules import cron_next, cron_words
from training.services.pipeline_starts import (
    schedule_create,
    schedule_delete,
    schedule_pause,
    trigger_create,
    triggers_tell,
)
from training.services.pipelines import pipeline_save

PARAMETERS = {"version": 0, "day": ""}


@pytest.fixture
def pipeline(saved):
    return version_of(saved).pipeline


def of(pipeline):
    """A pipeline with its only version."""
    return {"pipeline": pipeline, "version": pipeline.versions.get()}


def version_of(saved, command="python train.py {v}"):
    job = {"parameters": {"v": "${{ parameters.version }}"}}
    return saved({"a": step(command, job=job)}, parameters=PARAMETERS)


def tick():
    enqueue(TICK_JOB, key="test", args={}, actor=Actor.system("test", actions=[]), workspace_id=None)
    settle()


def due(schedule, ago=dt.timedelta(seconds=1)):
    PipelineSchedule.objects.filter(pk=schedule.pk).update(next_at=now() - ago)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "found"),
    [
        ("0 9 * * *", "Europe/Berlin", "2026-01-05T07:59Z", "2026-01-05T08:00Z"),
        ("0 9 * * *", "Europe/Berlin", "2026-07-05T07:59Z", "2026-07-06T07:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:31Z", "2026-10-26T01:30Z"),
    ],
    ids=["winter", "summer", "left_out", "twice"],
)  # fmt: skip
def test_times_are_those_of_the_time_zone(cron, zone, after, found):
    assert cron_next(cron, zone, dt.datetime.fromisoformat(after)) == dt.datetime.fromisoformat(found)
    assert cron_words("0 9 * * 1-5") == "At 09:00 on Monday through Friday"


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("* * * *", "UTC"), ("61 * * * *", "UTC"), ("* * * * * *", "UTC"), ("0 0 30 2 *", "UTC"),
        ("* * * * *", "Mars/Olympus"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(pipeline, cora, cron, zone):
    with pytest.raises(InvalidInput) as no:
        schedule_create(
            actor=Actor.of_user(cora),
            **of(pipeline),
            cron=cron,
            time_zone=zone,
        )
    assert no.value.code == "invalid_schedule"


def test_a_schedule_starts_once_for_each_time(pipeline, cora):
    schedule = schedule_create(
        actor=Actor.of_user(cora),
        **of(pipeline),
        cron="0 3 * * *",
        parameters={"version": 4},
    )
    assert schedule.next_at > now()
    tick()
    assert not PipelineRun.objects.exists()
    due(schedule)
    tick()
    tick()
    run = PipelineRun.objects.get()
    assert (run.requested_by, run.parameters["version"]) == (cora, 4)
    assert run.cause.startswith("Schedule 0 3 * * * (UTC) at")
    schedule.refresh_from_db()
    assert schedule.next_at > now()
    due(schedule)
    tick()
    assert PipelineRun.objects.count() == 1, "the run before still goes on"
    assert "still went on" in PipelineSchedule.objects.get().note


def test_times_that_nobody_saw_are_left_out_or_made_up_for_once(pipeline, cora):
    actor, late = Actor.of_user(cora), dt.timedelta(days=3)
    skips = schedule_create(actor=actor, **of(pipeline), cron="0 3 * * *")
    once = schedule_create(actor=actor, **of(pipeline), cron="0 3 * * *", missed="once")
    due(skips, late)
    due(once, late)
    tick()
    assert [run.cause_key.split()[1] for run in PipelineRun.objects.all()] == [str(once.pk)]
    assert "left out" in PipelineSchedule.objects.get(pk=skips.pk).note


def test_a_schedule_of_who_left_pauses_and_says_why(pipeline, cora):
    schedule = schedule_create(actor=Actor.of_user(cora), **of(pipeline), cron="0 3 * * *")
    Membership.objects.filter(user=cora).delete()
    due(schedule)
    tick()
    schedule.refresh_from_db()
    assert schedule.is_paused
    assert schedule.note.startswith("Paused, as it could not start:")
    assert not PipelineRun.objects.exists()


def test_what_somebody_else_saved_does_not_run_in_the_name_of_who_made_the_schedule(
    saved, pipeline, cora, ann
):
    cora_acts, ann_acts = Actor.of_user(cora), Actor.of_user(ann)
    first = pipeline.versions.get()
    theirs = schedule_create(actor=cora_acts, pipeline=pipeline, version=first, cron="0 3 * * *")
    document = {**first.document, "description": "by another"}
    second = pipeline_save(actor=ann_acts, workspace=pipeline.workspace, name="nightly", document=document)
    due(theirs)
    tick()
    run = PipelineRun.objects.get()
    assert (run.version, run.requested_by) == (first, cora)
    own = schedule_create(actor=ann_acts, pipeline=pipeline, version=second, cron="0 4 * * *")
    third = version_of(saved, "python other.py {v}")
    assert PipelineSchedule.objects.get(pk=theirs.pk).version == third, "cora answers for what cora saved"
    assert PipelineSchedule.objects.get(pk=own.pk).version == second
    schedule_pause(actor=ann_acts, schedule=theirs, is_paused=True)
    with pytest.raises(PermissionDenied):
        schedule_pause(actor=ann_acts, schedule=theirs, is_paused=False)
    assert PipelineSchedule.objects.get(pk=theirs.pk).is_paused


def test_pausing_and_deleting(pipeline, cora):
    actor = Actor.of_user(cora)
    schedule = schedule_create(actor=actor, **of(pipeline), cron="0 3 * * *")
    schedule_pause(actor=actor, schedule=schedule, is_paused=True)
    due(schedule)
    tick()
    assert not PipelineRun.objects.exists()
    assert schedule_pause(actor=actor, schedule=schedule, is_paused=False).next_at > now()
    schedule_delete(actor=actor, schedule=schedule)
    assert not PipelineSchedule.objects.exists()


def test_a_new_version_of_a_dataset_starts_it_once(pipeline, cora, workspace):
    actor = Actor.of_user(cora)
    trigger_create(
        actor=actor, **of(pipeline), kind="dataset", subject="sales", parameters={"version": "${{ event.version }}"}
    )  # fmt: skip
    for name, digest in (("other", "1"), ("sales", "2")):
        new = NewVersion(digest=digest * 64, source_uri=f"s3://bucket/{name}")
        dataset_register(actor=actor, workspace=workspace, name=name, new=new)
        settle()
    run = PipelineRun.objects.get()
    assert run.parameters == {"version": 1, "day": ""}
    assert run.cause.startswith("Trigger dataset sales: dataset sales, version 1")
    job = JobRun.objects.get(kind="training.pipeline.trigger")
    enqueue(job.kind, key="again", args=job.args, actor=actor, workspace_id=None)
    settle()
    assert PipelineRun.objects.count() == 1


def test_an_alert_and_what_a_pipeline_did_itself(pipeline, cora, workspace):
    actor = Actor.of_user(cora)
    trigger = trigger_create(
        actor=actor,
        **of(pipeline),
        kind="alert",
        subject="drift of churn",
    )
    for event, made_by in (("1", pipeline.pk), ("2", None)):
        with transaction.atomic():
            triggers_tell(
                actor, workspace_id=workspace.pk, kind="alert", subject="drift of churn", event=event, facts={},
                made_by=made_by,
            )  # fmt: skip
    settle()
    assert [run.cause_key for run in PipelineRun.objects.all()] == [f"trigger {trigger.pk} 2"]


@pytest.mark.parametrize(
    ("kind", "subject", "parameters"),
    [
        ("dataset", "", {}), ("alias", "model", {}), ("other", "x", {}), ("dataset", "x", {"none": 1}),
        ("dataset", "x", {"version": "${{ event.nothing }}"}), ("dataset", "x", {"version": "${{ parameters.day }}"}),
    ],
)  # fmt: skip
def test_a_trigger_that_makes_no_sense_is_refused(pipeline, cora, kind, subject, parameters):
    with pytest.raises(InvalidInput):
        trigger_create(
            actor=Actor.of_user(cora),
            **of(pipeline),
            kind=kind,
            subject=subject,
            parameters=parameters,
        )
    assert not PipelineTrigger.objects.exists()

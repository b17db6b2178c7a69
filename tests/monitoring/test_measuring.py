"""From records to a measurement, its alert, and what follows: one path through rows and jobs, without servers."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from compliance.models import Finding, Notice
from deployments.guards import drifted
from deployments.latency import BOUNDS, PLACES, place_of
from deployments.models import Rollout, TrafficFigure
from deployments.split import split_now
from jobs.models import JobRun
from jobs.periodic import periodic_enqueue
from jobs.runner import run_job
from monitoring.asking import monitors_due
from monitoring.facts import RESPOND_JOB, RUN_JOB, WATCH_JOB
from monitoring.models import Alert, Monitor, MonitorRun
from monitoring.services.alerts import alert_acknowledge, alert_resolve, alert_silence
from monitoring.services.feedback import feedback_write
from monitoring.services.monitors import monitor_silence
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput
from training.models import Pipeline, PipelineTrigger, PipelineVersion
from training.services.pipeline_starts import TRIGGER_JOB

pytestmark = pytest.mark.django_db
YOUNG = [{"age": 20 + n % 10, "city": "Bonn"} for n in range(200)]
USUAL = [{"age": 20 + n % 40, "city": ("Bonn", "Kiel")[n % 2]} for n in range(400)]
FINDING = {"finding": {"severity": "critical", "owner": "bob", "due_days": 3}}


def measure(monitor):
    """As the sweeper and a worker do: ask for what is due, and do it; the newest measurement."""
    Monitor.objects.filter(pk=monitor.pk).update(due_at=now())
    with transaction.atomic():
        periodic_enqueue(Actor.system("test", actions=[]))
    watch = JobRun.objects.filter(kind=WATCH_JOB).order_by("-pk")[0]
    run_job(watch.pk)
    asked = JobRun.objects.filter(kind=RUN_JOB, key=monitor.pk.hex).order_by("-pk")[0]
    assert run_job(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "done", asked.reason
    return monitor.runs.order_by("-id")[0]


@pytest.fixture(autouse=True)
def no_pause_between_sweeps(monkeypatch):
    monkeypatch.setattr("jobs.periodic._is_recent", lambda entry: False)


def test_drift_becomes_an_alert_a_finding_and_a_notice_once(scores, monitor_of, logged, bob, cora):
    monitor = monitor_of("data_drift", {"on_alert": {**FINDING, "notify": ["bob"]}})
    few = measure(monitor)
    assert (few.state, few.rows, few.value) == ("no_data", 0, None)
    logged(USUAL)
    fine = measure(monitor)
    assert (fine.state, fine.rows, Alert.objects.count()) == ("ok", 400, 0), fine.summary
    assert {each["name"] for each in fine.body["columns"]} == {"age", "city"}
    assert fine.body["reference"].startswith("applicants v1, training data of")

    logged(YOUNG * 10, at=now())
    bad = measure(monitor)
    assert bad.state == "alert"
    assert bad.value == bad.body["columns"][0]["psi"] > 0.25
    worst = bad.body["columns"][0]
    assert sum(worst["bins"]["actual"]) == pytest.approx(1, abs=1e-4)
    alert = Alert.objects.get()
    assert (alert.severity, alert.state, alert.count) == ("alert", "open", 1)
    finding = Finding.objects.get()
    assert (alert.finding, finding.owner, finding.severity) == (finding, bob, "critical")
    told = Notice.objects.get(topic="alert.opened")
    assert (set(told.to_users), told.url) == ({bob.pk, cora.pk}, f"/alerts/{alert.pk}")

    again = measure(monitor)
    alert.refresh_from_db()
    assert (again.state, alert.count, alert.run_id) == ("alert", 2, again.pk)
    assert (Finding.objects.count(), Notice.objects.filter(topic="alert.opened").count()) == (1, 1)

    with transaction.atomic(), pytest.raises(DatabaseError):
        MonitorRun.objects.filter(pk=bad.pk).update(value=0)


def test_a_measurement_done_twice_is_there_once_and_one_that_failed_is_one_too(
    monitor_of, logged, monkeypatch
):
    monitor = monitor_of("data_drift")
    logged(USUAL)
    first = measure(monitor)
    again = JobRun.objects.get(kind=RUN_JOB)
    JobRun.objects.filter(pk=again.pk).update(state="queued", finished_at=None, attempt=0)
    run_job(again.pk)
    assert MonitorRun.objects.get() == first
    monitor.refresh_from_db()
    assert monitor.due_at > now()
    assert monitors_due() == []

    def broken(*given):
        raise RuntimeError("out of order")

    monkeypatch.setattr("monitoring.evaluating.measuring.measured", broken)
    Monitor.objects.filter(pk=monitor.pk).update(due_at=now())
    with transaction.atomic():
        periodic_enqueue(Actor.system("test", actions=[]))
    run_job(JobRun.objects.filter(kind=WATCH_JOB).order_by("-pk")[0].pk)
    JobRun.objects.filter(kind=RUN_JOB, state="queued").update(max_attempts=1)
    run_job(JobRun.objects.get(kind=RUN_JOB, state="queued").pk)
    failed = monitor.runs.order_by("-id")[0]
    assert failed.state == "failed"
    assert "out of order" in failed.summary
    assert monitors_due() == []


def test_silence_acknowledgement_and_resolution(monitor_of, logged, cora, ann):
    monitor, actor = (
        monitor_of("data_drift", {"on_alert": FINDING | {"finding": {"owner": "ann"}}}),
        Actor.of_user(cora),
    )
    logged(YOUNG)
    with pytest.raises(InvalidInput):
        monitor_silence(actor=actor, monitor=monitor, until=now() + dt.timedelta(hours=1), reason=" ")
    monitor_silence(actor=actor, monitor=monitor, until=now() + dt.timedelta(hours=1), reason="a campaign")
    measure(monitor)
    alert = Alert.objects.get()
    assert (alert.state, alert.note, alert.alerted_at) == ("silenced", "a campaign", None)
    assert not Finding.objects.exists()
    assert not Notice.objects.filter(topic__startswith="alert.").exists()

    monitor_silence(actor=actor, monitor=Monitor.objects.get(), until=None)
    Alert.objects.update(silenced_until=now())
    measure(monitor)
    alert.refresh_from_db()
    assert (alert.state, Finding.objects.get().owner) == ("open", ann)
    alert_silence(actor=actor, alert=alert, until=now() + dt.timedelta(days=1), reason="known")
    measure(monitor)
    assert (Alert.objects.get().state, Notice.objects.filter(topic__startswith="alert.").count()) == (
        "silenced",
        1,
    )
    alert_acknowledge(actor=actor, alert=alert, note="on it")
    measure(monitor)
    assert (Alert.objects.get().state, Alert.objects.get().count) == ("acknowledged", 4)
    alert_resolve(actor=actor, alert=alert, note="retrained")
    with pytest.raises(Conflict):
        alert_acknowledge(actor=actor, alert=alert)
    measure(monitor)
    assert [each.state for each in Alert.objects.order_by("id")] == ["resolved", "open"]
    logged(USUAL * 20)
    assert measure(monitor).state == "ok"
    assert {each.state for each in Alert.objects.all()} == {"resolved"}
    assert Notice.objects.filter(topic="alert.resolved").count() == 1


def test_an_alert_rolls_back_once_tells_pipelines_and_goes_past_no_approval(
    scores, monitor_of, logged, workspace, cora
):
    rules = {"rollback": True, "retrain": True, "recertify": {"due_days": 5}}
    monitor = monitor_of("data_drift", {"on_alert": rules})
    pipeline = Pipeline.objects.create(workspace=workspace, name="again", created_by=cora, created_at=now())
    version = PipelineVersion.objects.create(
        pipeline=pipeline, number=1, document={}, created_by=cora, created_at=now()
    )
    PipelineTrigger.objects.create(
        workspace=workspace, pipeline=pipeline, version=version, kind="alert", subject="scores/data drift",
        created_by=cora, created_at=now(),
    )  # fmt: skip
    rollout = Rollout.objects.create(
        endpoint=scores, revision=scores.revisions.get(number=2), strategy="canary", guards={"on_drift": True},
        steps=[{"percent": 100, "seconds": 0}], started_by="user:1", created_at=now() - dt.timedelta(minutes=1),
        state="progressing",
    )  # fmt: skip
    assert drifted(rollout, now()) == ""
    logged(YOUNG)
    measure(monitor)
    assert JobRun.objects.get(kind=TRIGGER_JOB).args["facts"] == {
        "alert": "scores/data drift",
        "endpoint": "scores",
    }
    assert "data drift at scores" in drifted(rollout, now())
    assert drifted(Rollout(endpoint=scores, guards={"on_drift": False}, created_at=now()), now()) == ""
    assert split_now(scores) == {2: 100}
    job = JobRun.objects.get(kind=RESPOND_JOB)
    run_job(job.pk)
    assert split_now(scores) == {1: 100}
    done = {each["action"]: each["outcome"] for each in Alert.objects.get().done}
    assert done["rollback"] == "Traffic goes back to revision 1."
    assert "Nothing serves" in done["recertify"]
    assert scores.traffic.get(valid_to=None).reason.startswith(f"Alert {Alert.objects.get().pk}")
    # Killed after the roll-back and before its note: the second try finds it done, and goes no further back.
    noted = [{"action": "rollback", "outcome": "asked for", "revision": 1, "at": ""}]
    Alert.objects.update(done=noted)
    JobRun.objects.filter(pk=job.pk).update(state="queued", finished_at=None, attempt=0)
    run_job(job.pk)
    assert split_now(scores) == {1: 100}
    assert Alert.objects.get().done[0]["outcome"].startswith("Done before")


def test_quality_prediction_drift_and_a_reference_of_earlier_rows(monitor_of, logged):
    quality = monitor_of("data_quality", {"min_rows": 10})
    logged(
        [
            *USUAL[:60],
            *({"age": "old", "city": "Bonn"} for _ in range(20)),
            *({"age": 70, "city": "Ulm"} for _ in range(20)),
        ]
    )
    found = measure(quality)
    lines = {each["name"]: each for each in found.body["columns"]}
    assert (found.state, lines["age"]["mistyped"], lines["age"]["out_of_range"]) == ("alert", 0.2, 0.2)
    assert lines["city"]["unknown"] == 0.2
    said = monitor_of("prediction_drift", {"prediction": "label", "min_rows": 10, "statistic": "ks"})
    found = measure(said)
    assert found.value == pytest.approx(0.5)  # all answers are 1, half of the training data is 0
    earlier = monitor_of(
        "data_drift",
        {"reference": {"kind": "earlier", "earlier_seconds": 3600}, "columns": ["age"], "min_rows": 10},
    )
    assert "0 rows" in measure(earlier).summary
    logged(USUAL, at=now() - dt.timedelta(hours=2))
    assert measure(earlier).body["columns"][0]["p_value"] is not None


def test_performance_and_fairness_with_labels_that_come_later(scores, monitor_of, logged, cora):
    right = monitor_of(
        "performance", {"thresholds": {"warn": 0.9, "alert": 0.7}, "slices": ["city"], "min_rows": 50}
    )
    fair = monitor_of(
        "fairness", {"metric": "demographic_parity", "positive": 1, "slices": ["city"], "min_rows": 50}
    )
    requests = logged(USUAL[:100], lambda row: int(row["city"] == "Bonn"))
    assert "0 have a truth" in measure(right).summary
    truths = [
        {"request_id": each, "row": 0, "kind": "truth", "value": int(n % 4 == 0)}
        for n, each in enumerate(requests)
    ]
    assert feedback_write(actor=Actor.of_user(cora), endpoint=scores, given=truths) == 100
    found = measure(right)
    # Bonn is said to be 1 always and is so in half of the cases; Kiel is said to be 0 and is so always.
    assert (found.value, found.state) == (0.75, "warn")
    assert found.body["slices"][0]["groups"][0] == {"name": "Bonn", "rows": 50, "value": 0.5}
    unfair = measure(fair)
    assert (unfair.value, unfair.state) == (1.0, "alert")


def test_latency_errors_volume_and_cost_come_from_the_sums(scores, monitor_of):
    counts = [0] * PLACES
    counts[place_of(3.0)], counts[place_of(900.0)] = 90, 10
    for minutes, requests in ((1, 100), (11, 1000)):
        TrafficFigure.objects.create(
            endpoint=scores, revision=None, role="live", at=now() - dt.timedelta(minutes=minutes), requests=requests,
            caller_errors=2, limited=3, server_errors=5, milliseconds=9270, latency=counts,
        )  # fmt: skip
    window = {"window": {"seconds": 600}}
    slow = measure(monitor_of("latency", window))
    assert slow.body["p50"] < BOUNDS[place_of(3.0)]
    assert 700 < slow.value < 1100
    wrong = measure(monitor_of("errors", window))
    assert (wrong.value, wrong.state) == (0.05, "alert")
    less = measure(monitor_of("volume", window))
    assert (less.value, less.state) == (pytest.approx(0.9), "alert")
    dear = measure(monitor_of("cost", {"window": {"seconds": 3600}, "thresholds": {"alert": 100}}))
    # Two revisions of two processes for an hour: 2 * 2 * (1 * 0.05 + 2 * 0.005).
    assert dear.value == pytest.approx(0.24)


def test_a_canary_is_measured_alone_and_its_guard_listens_to_that(scores, monitor_of, logged, cora):
    stable, candidate = scores.revisions.order_by("number")
    together, alone = monitor_of("data_drift"), monitor_of("data_drift", {"of": "candidate"}, name="alone")
    errors = monitor_of("errors", {"of": "candidate", "min_rows": 10})
    for revision, wrong in ((stable, 0), (candidate, 10)):
        TrafficFigure.objects.create(
            endpoint=scores, revision=revision, role="live", at=now() - dt.timedelta(minutes=1), requests=20,
            caller_errors=0, limited=0, server_errors=wrong, milliseconds=1, latency=[20, *[0] * (PLACES - 1)],
        )  # fmt: skip
    logged(USUAL * 5, revision=stable.pk)
    logged(YOUNG, revision=candidate.pk)
    assert measure(alone).rows == 2200  # without a roll-out, all
    rollout = Rollout.objects.create(
        endpoint=scores, revision=candidate, strategy="canary", guards={"on_drift": True}, state="progressing",
        created_at=now(),
    )  # fmt: skip
    diluted = measure(together)
    assert (diluted.state, diluted.rows, drifted(rollout, now())) == ("ok", 2200, "")
    seen = measure(alone)
    assert (seen.state, seen.rows, seen.body["revision"]) == ("alert", 200, 2)
    assert seen.summary.startswith("Revision 2 alone: ")
    assert measure(errors).value == pytest.approx(0.5)
    assert "alone" in drifted(rollout, now())


def test_cost_has_no_candidate(monitor_of):
    with pytest.raises(InvalidInput, match="all its revisions"):
        monitor_of("cost", {"of": "candidate", "thresholds": {"alert": 5}})

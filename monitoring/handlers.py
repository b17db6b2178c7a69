"""Jobs of monitoring. Every process imports this, so what handlers need beyond names comes in when they run."""

import datetime as dt
from importlib import import_module
from uuid import UUID

from jobs.errors import NothingToDo
from jobs.models import DONE, JobRun
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from monitoring import facts
from monitoring.asking import monitors_due, run_ask
from monitoring.evaluating.found import Found, judged
from monitoring.keeping import KIND as KEEP_JOB
from monitoring.keeping import runs_keep
from monitoring.models import Alert, Monitor
from monitoring.responding import RESPOND_ACTIONS, alert_respond
from monitoring.services.purging import PURGE
from monitoring.services.results import RECORD, RESULT_ACTIONS, Measured, result_record
from portal.accounts.actor import Actor
from portal.kernel.clock import now

_EVERY = dt.timedelta(seconds=5)


def run_ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """A measurement that could not be made is one, too, so that its monitor goes on and says so."""
    monitor = _monitor(run.args["monitor_id"])
    if state == DONE or monitor is None:
        return
    reason = JobRun.objects.values_list("reason", flat=True).get(
        pk=run.pk
    )  # as the end of the job has just set it
    found = Found(0, None, f"The job ended as {state}. {reason}"[:1000])
    due_at = dt.datetime.fromisoformat(run.args["due_at"])
    result_record(actor=actor, monitor=monitor, measured=Measured(due_at, facts.FAILED, found, now()))


@job(
    facts.RUN_JOB, actions=RESULT_ACTIONS, max_attempts=3, restartable=True, ended=run_ended, repeatable=False
)
def measure(step: JobStep, *, monitor_id: str, due_at: str) -> None:
    """Measure what a monitor watches, for one due time, and commit it with the alert that follows."""
    monitor = _monitor(monitor_id)
    if monitor is None or monitor.deleted_at is not None or monitor.endpoint.deleted_at is not None:
        raise NothingToDo("The monitor, or its endpoint, was deleted.")
    measured = import_module("monitoring.evaluating.measuring").measured
    moment = now()
    found = measured(monitor, moment)
    state = judged(monitor.kind, monitor.settings, found.value)
    result = Measured(dt.datetime.fromisoformat(due_at), state, found, moment)

    def effect() -> dict[str, object]:
        made = result_record(actor=step.actor, monitor=monitor, measured=result)
        return {"run": made.pk.hex, "state": made.state, "value": made.value}

    step.finish(effect)


@job(facts.RESPOND_JOB, actions=RESPOND_ACTIONS)
def respond(step: JobStep, *, alert_id: str) -> None:
    """Roll back, and ask for re-certification, where the rules of an alert's monitor say so."""
    alert = Alert.objects.select_related("monitor__endpoint").filter(pk=UUID(alert_id)).first()
    if alert is None:
        raise NothingToDo("There is no such alert.")
    alert_respond(step.actor, alert)


@job(facts.WATCH_JOB, actions=[RECORD], queue=SYSTEM_QUEUE)
def watch(step: JobStep) -> None:
    """Ask for the measurements that are due."""
    due = monitors_due()

    def effect() -> dict[str, int]:
        for monitor in due:
            run_ask(step.actor, monitor, monitor.due_at)
        return {"asked": len(due)}

    step.finish(effect)


def _monitor(pk: str) -> Monitor | None:
    return Monitor.objects.select_related("endpoint", "workspace", "owner").filter(pk=UUID(pk)).first()


job(KEEP_JOB, actions=[PURGE], max_attempts=3, queue=SYSTEM_QUEUE)(runs_keep)
periodic(KEEP_JOB, every=dt.timedelta(days=1))
periodic(facts.WATCH_JOB, every=_EVERY, wanted=lambda: bool(monitors_due()))

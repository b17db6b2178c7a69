"""Measurements end when their time is over: those that found nothing, nothing under a hold, and by no other way."""

import datetime as dt
import json

import pytest
from django.db import DatabaseError, transaction

from compliance.models import LegalHold
from jobs.queue import enqueue
from jobs.runner import run_job
from monitoring.keeping import KIND
from monitoring.models import Alert, MonitorRun
from monitoring.services import purging
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel import sql
from portal.kernel.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor(monitor_of):
    return monitor_of("volume")


def aged(monitor, days, state="ok"):
    at = now() - dt.timedelta(days=days)
    return MonitorRun.objects.create(
        monitor=monitor, due_at=at, ends_at=at, rows=1, state=state, value=1.0, made_at=at
    )


def keep():
    with transaction.atomic():
        asked = enqueue(KIND, key="all", args={}, actor=Actor.system("test", actions=[]), workspace_id=None)
    assert run_job(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "done", asked.reason
    return asked.result


def purged():
    return AuditEvent.objects.filter(action="monitoring.run.purge").order_by("pk")


def refused(*, is_said):
    with transaction.atomic():
        if is_said:
            sql.rows("SELECT set_config('portal.purging', 'monitoring_monitorrun', true)")
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            MonitorRun.objects.all().delete()


def test_what_found_nothing_ends_with_one_event_that_counts_it(monitor, monkeypatch, settings):
    settings.RETENTION_DAYS = {"measurements": 30}
    gone = [aged(monitor, days) for days in (50, 45, 40)]
    found = [aged(monitor, 44, "warn"), aged(monitor, 43, "alert")]
    named, young = aged(monitor, 42), aged(monitor, 10)
    Alert.objects.create(
        workspace=monitor.workspace, monitor=monitor, run=named, key=monitor.pk.hex, severity="warn", state="resolved",
        title="Slow", opened_at=now(), last_seen_at=now(), resolved_at=now(),
    )  # fmt: skip
    monkeypatch.setattr("monitoring.keeping.AT_ONCE", 2)
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    assert keep() == {"measurements": 3, "workspaces": 1}
    assert set(MonitorRun.objects.all()) == {*found, named, young}
    told = [json.loads(bytes(event.detail.body))["changes"] for event in purged()]
    assert [each["measurements"] for each in told] == [[None, 2], [None, 1]]
    assert told[0]["made_from"] == [None, gone[0].made_at.isoformat()]
    assert keep() == {"measurements": 0, "workspaces": 0}
    assert purged().count() == 2


def test_the_newest_of_a_monitor_stays(monitor):
    old, newest = aged(monitor, 900), aged(monitor, 800)
    assert keep()["measurements"] == 1
    assert MonitorRun.objects.get() == newest != old


def test_nothing_of_a_workspace_on_hold_ends(monitor, cora):
    aged(monitor, 900), aged(monitor, 1)
    LegalHold.objects.create(
        workspace=monitor.workspace, subject_type="run", subject_id="7", subject_label="run 7", reason="A case.",
        placed_by=cora,
    )  # fmt: skip
    assert keep() == {"measurements": 0, "workspaces": 0}
    assert (MonitorRun.objects.count(), purged().count()) == (2, 0)
    refused(is_said=True)


@pytest.mark.parametrize(
    ("days", "state", "is_said"), [(900, "ok", False), (900, "alert", True), (0.5, "ok", True)]
)
def test_postgresql_deletes_by_this_way_alone(monitor, days, state, is_said):
    """Without the word of the operation, with it what found something, and with it what is a day old at most."""
    aged(monitor, days, state)
    refused(is_said=is_said)
    assert MonitorRun.objects.count() == 1

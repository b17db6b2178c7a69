"""The sequencer killed at each of its steps, two at once, clocks set back, many writers: nothing lost or doubled."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditLeaf
from portal.audit.notes import key_make
from portal.audit.record import record
from portal.audit.sequencer import Sequencer
from portal.embedded.processes import wait_until
from tests.audit.bundles import ORIGIN
from tests.audit.sequencer_faults import STEPS, died_at
from tests.audit.test_sequencer import whole

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


def environment(**more):
    base = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    url = f"postgresql://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{name}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings.test", **more}


@pytest.mark.parametrize("passes", [0, 1])
@pytest.mark.parametrize("step", STEPS)
def test_a_sequencer_that_is_killed_leaves_whole_batches(happen, signer, tmp_path, step, passes):
    happen(20)
    state = tmp_path / "state"
    assert died_at(step, passes, state)
    sizes = list(AuditCheckpoint.objects.order_by("size").values_list("size", flat=True))
    assert sizes == [7, 14, 20][: len(sizes)]
    assert AuditLeaf.objects.count() == (sizes[-1] if sizes else 0)
    happen(3)
    again = Sequencer(signer, state, batch=7)
    # The server may still hold the lock of the process that was killed, until it sees that its connection is gone.
    assert wait_until(lambda: bool(again.run()), seconds=30)
    assert whole().size == 23


def test_two_sequencers_at_once_place_every_event_once(happen, tmp_path):
    key = tmp_path / "key"
    key_make(key)
    env = environment(AUDIT_SIGNING_KEY_FILE=str(key), AUDIT_ORIGIN=ORIGIN)
    command = [sys.executable, "manage.py", "audit_sequencer", "--interval", "0.01", "--batch", "5"]
    running = [
        subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for _ in range(30):
            happen(7)
        assert wait_until(lambda: AuditLeaf.objects.count() == 210, seconds=60)
        running[0].kill()  # the other one goes on
        happen(7)
        assert wait_until(lambda: AuditLeaf.objects.count() == 217, seconds=60)
    finally:
        for process in running:
            process.terminate()
        said = [process.communicate(timeout=20)[1] for process in running]
    assert running[1].returncode == 0
    assert "sequencer stopped" in said[1]
    assert "pass failed" not in "".join(said)
    whole()


def test_a_sequencer_outlives_the_loss_of_its_connection(happen, tmp_path):
    key = tmp_path / "key"
    key_make(key)
    env = environment(AUDIT_SIGNING_KEY_FILE=str(key), AUDIT_ORIGIN=ORIGIN)
    command = [sys.executable, "manage.py", "audit_sequencer", "--interval", "0.05"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    try:
        happen(2)
        assert wait_until(lambda: AuditLeaf.objects.count() == 2, seconds=60)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        happen(2)
        assert wait_until(lambda: AuditLeaf.objects.count() == 4, seconds=60)
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0
    whole()


def test_a_clock_that_is_set_back_changes_neither_order_nor_proofs(happen, sequencer, monkeypatch):
    """Neither the clock of the application nor that of the sequencer stands in the log."""
    happen(5)
    sequencer.run()
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    monkeypatch.setattr(time, "time", lambda: 10**9)
    happen(5)
    sequencer.run()
    moments = list(AuditLeaf.objects.order_by("idx").values_list("event__recorded_at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1].year > 2020
    whole()


def write(number, workspace_id, written):
    """Record events; every fifth transaction is rolled back, some are slow."""
    actor, place = Actor.system(f"writer{number}", actions=[]), Workspace.objects.get(pk=workspace_id)
    for turn in range(1, 101):
        with transaction.atomic():
            record(actor, "accounts.workspace.update", "done", place, reason=str(turn))
            time.sleep(0.02 * number if turn % 7 == 0 else 0)
            transaction.set_rollback(turn % 5 == 0)
        written[number] += turn % 5 != 0
    connections.close_all()


def place_all(signer, stop):
    worker = Sequencer(signer, batch=50)
    while not stop.is_set():
        worker.run()
    connections.close_all()


def test_eight_writers_lose_and_double_nothing(workspace, signer):
    written, stop = [0] * 8, threading.Event()
    writers = [threading.Thread(target=write, args=(n, workspace.pk, written)) for n in range(8)]
    placer = threading.Thread(target=place_all, args=(signer, stop))
    for thread in (placer, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    placer.join()
    Sequencer(signer, batch=50).run()
    assert AuditEvent.objects.count() == sum(written) == 8 * 80
    for number in range(8):
        assert AuditEvent.objects.filter(actor=f"system:writer{number}").count() == written[number]
    assert whole().size == sum(written)


def test_events_of_raw_sql_are_placed_too(sequencer, happen, signer):
    """Whoever can insert is in the log like everybody else; nothing depends on the application's word."""
    happen(1)
    base = environment()["DATABASE_URL"]
    with psycopg.connect(base, autocommit=True) as link:
        link.execute(
            """WITH m AS (SELECT clock_timestamp() AS t)
            INSERT INTO audit_auditevent (uuid, recorded_at, payload, actor, action, outcome, object_type, object_id,
                                          request_id)
            SELECT gen_random_uuid(), t, convert_to('{"at":"' || to_char(t AT TIME ZONE 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') || '"}', 'UTF8'), 'user:0', 'x', 'done', 'x', 'x', 'x'
            FROM m"""
        )
    assert sequencer.run() == 2
    assert Sequencer(signer).run() == 0
    whole()

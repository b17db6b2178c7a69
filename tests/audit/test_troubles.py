"""A dead sequencer and a witness that is late are told of by themselves, and so is that they are over."""

import datetime as dt
import re
import subprocess
import sys

import pytest

from compliance.models import Notice
from compliance.watching_log import KIND
from jobs.periodic import PERIODIC
from jobs.queue import enqueue
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.audit import troubles
from portal.audit.models import AuditEvent, AuditLeaf, AuditTrouble
from portal.audit.notes import key_make
from portal.audit.witnesses import Witnesses
from portal.embedded.processes import wait_until
from tests.audit.conftest import ORIGIN
from tests.audit.test_faults import ROOT, environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DATED = r"The checkpoint of size \d+ was signed at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\."


@pytest.fixture
def watched(monkeypatch):
    """`watched()` sweeps once as the scheduler does; whether a job was made."""
    monkeypatch.setattr(troubles, "UNSIGNED", dt.timedelta(seconds=1))
    monkeypatch.setattr(troubles, "OVERDUE", dt.timedelta(seconds=1))

    def sweep() -> bool:
        if not PERIODIC[KIND].wanted():
            return False
        actor = Actor.system("tests", actions=[], request_id="test")
        run_job(enqueue(KIND, key="periodic", args={}, actor=actor, workspace_id=None).pk)
        return True

    return sweep


@pytest.fixture
def started(tmp_path):
    """Starts a sequencer."""
    key_make(tmp_path / "key")
    env = environment(AUDIT_SIGNING_KEY_FILE=str(tmp_path / "key"), AUDIT_ORIGIN=ORIGIN)
    command = [sys.executable, "manage.py", "audit_sequencer", "--interval", "0.05"]
    return lambda: subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)


@pytest.fixture
def log(client, token_for):
    """`log(user)` is what the API tells that user about the log."""

    def read(user):
        headers = {"Authorization": f"Bearer {token_for(user)}"}
        return client.get("/api/v1/audit/log", headers=headers).json()

    return read


def test_a_sequencer_that_was_killed_is_told_of_until_it_signs_again(
    watched, happen, started, log, aude, bob, olga, client
):
    happen(3)
    process = started()
    try:
        assert wait_until(lambda: AuditLeaf.objects.count() >= 3, seconds=60)
        assert not watched()
        process.kill()
        process.wait(20)
        happen(1)
        assert wait_until(watched, seconds=20)
        assert not watched()  # it is open already
        (trouble,) = log(aude)["troubles"]
        assert (trouble["key"], trouble["closed_at"]) == ("sequencer", None)
        assert "the sequencer does not run, or refuses to sign" in trouble["said"]
        assert log(bob)["troubles"] == []
        client.force_login(olga)
        assert b"the sequencer does not run" in client.get("/console/").content
        process = started()
        assert wait_until(watched, seconds=60)
        (trouble,) = log(aude)["troubles"]
        assert trouble["closed_at"]
        assert re.fullmatch(DATED, trouble["closure"])
    finally:
        process.kill()
        process.wait(20)
    told = Notice.objects.order_by("created_at")
    assert [each.topic for each in told] == ["audit_log.troubled", "audit_log.recovered"]
    assert set(told[0].to_users) == {aude.pk, olga.pk}
    acts = AuditEvent.objects.filter(object_type="audittrouble").order_by("id")
    assert [each.action for each in acts] == ["audit.trouble.open", "audit.trouble.close"]


def test_a_witness_that_lacks_a_checkpoint_is_told_of_until_it_has_it(
    watched, happen, sequencer, settings, tmp_path
):
    settings.AUDIT_WITNESSES = [f"file://{tmp_path}/copies"]
    happen(2)
    sequencer.run()
    assert wait_until(watched, seconds=10)
    trouble = AuditTrouble.objects.get()
    assert trouble.key == f"witness file://{tmp_path}/copies"
    assert trouble.said.startswith("It lacks the checkpoint of size 2, signed at ")
    sequencer.run()
    Witnesses.of_settings().deliver()
    assert wait_until(watched, seconds=10)
    trouble.refresh_from_db()
    assert re.match(r"It took the checkpoint of size \d+ at \d{4}-", trouble.closure)

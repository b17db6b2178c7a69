"""Events get a dense place in a signed log, whenever they commit."""

import threading

import pytest
from django.db import connection, connections, transaction

from portal.accounts.actor import Actor
from portal.audit import merkle, settled, tree
from portal.audit import sequencer as sequencer_module
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditKey, AuditLeaf, AuditNode
from portal.audit.notes import note_holds
from portal.audit.record import record
from portal.audit.sequencer import LOCK, Sequencer
from portal.audit.tree import Damaged
from portal.embedded.processes import wait_until
from tests.audit.naive_tree import Naive

pytestmark = pytest.mark.django_db(transaction=True)


def payloads():
    return [bytes(leaf.event.payload) for leaf in AuditLeaf.objects.order_by("idx").select_related("event")]


def whole():
    """The log is dense, complete and hashed as the definition says; the last checkpoint."""
    leaves = list(AuditLeaf.objects.order_by("idx"))
    assert [leaf.idx for leaf in leaves] == list(range(AuditEvent.objects.count()))
    last = AuditCheckpoint.objects.order_by("-size").first()
    assert last is not None
    assert last.size == len(leaves)
    naive = Naive(payloads())
    for checkpoint in AuditCheckpoint.objects.all():
        assert bytes(checkpoint.root) == naive.root(checkpoint.size)
    return last


def test_batches_become_one_signed_log(sequencer, happen, signer):
    happen(20)
    assert sequencer.run() == 20
    last = whole()
    assert list(AuditCheckpoint.objects.order_by("size").values_list("size", flat=True)) == [7, 14, 20]
    assert note_holds(last.note, signer.verifier)
    assert AuditKey.objects.get().verifier == signer.verifier
    assert AuditNode.objects.count() == 20 - bin(20).count("1")


def test_nothing_new_signs_nothing(sequencer, happen):
    assert sequencer.run() == 0
    happen(1)
    assert [sequencer.run() for _ in range(3)] == [1, 0, 0]
    assert AuditCheckpoint.objects.count() == 1


def test_another_process_goes_on_where_the_last_one_stopped(sequencer, happen, signer):
    happen(9)
    sequencer.run()
    happen(4)
    assert Sequencer(signer).run() == 4
    whole()


def test_an_event_that_commits_late_gets_a_later_place(sequencer, happen, workspace):
    is_written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            record(Actor.system("slow", actions=[]), "accounts.workspace.update", "done", workspace)
            is_written.set()
            may_commit.wait(10)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert is_written.wait(10)
    happen(5)
    assert sequencer.run() == 5
    may_commit.set()
    thread.join()
    assert sequencer.run() == 1
    late = AuditLeaf.objects.get(idx=5)
    assert late.event.actor == "system:slow"
    assert late.event_id < AuditLeaf.objects.get(idx=0).event_id
    whole()


def test_the_mark_waits_for_open_transactions(sequencer, happen, workspace, monkeypatch):
    monkeypatch.setattr(settled, "AGE_SECONDS", 0.0)
    other = connection.copy()
    try:
        other.ensure_connection()
        other.connection.autocommit = False
        other.connection.execute("SELECT pg_current_xact_id()")
        happen(3)
        for _ in range(3):
            sequencer.run()
        assert sequencer.settled.below == 0
        other.connection.rollback()
        highest = AuditEvent.objects.order_by("-id").values_list("id", flat=True)[0]
        # Transactions of other test processes on the same server count, too.
        assert wait_until(lambda: sequencer.run() or sequencer.settled.below == highest, seconds=30)
    finally:
        other.connection.close()


def test_a_gap_in_the_ids_is_passed_over(sequencer, happen):
    happen(2)
    with transaction.atomic():
        happen(3)
        transaction.set_rollback(True)
    happen(2)
    assert sequencer.run() == 4
    whole()


def test_an_event_below_the_mark_is_found_by_the_sweep(sequencer, happen, monkeypatch):
    monkeypatch.setattr(sequencer_module, "SWEEP", 2)
    happen(3)
    sequencer.run()
    last = AuditLeaf.objects.order_by("-event_id").values_list("event_id", flat=True)[0]
    happen(6)
    sequencer.settled.below, sequencer._swept = last + 6, last
    assert [sequencer.run() for _ in range(3)] == [2, 2, 2]
    assert sequencer._swept == 0
    whole()


def test_the_sweep_finds_what_lies_below_the_newest(happen, signer):
    happen(10)
    ids = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
    Sequencer(signer)._batch(ids[5], 2**62)
    again = Sequencer(signer, batch=20)
    again._swept, again.settled.below = ids[0] - 1, ids[9] - 2
    assert again.run() == 6
    assert Sequencer(signer).run() == 0
    whole()


def test_who_finds_the_lock_taken_leaves_the_work_to_the_other(sequencer, happen):
    happen(3)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            assert sequencer.run() == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    finally:
        other.close()
    assert sequencer.run() == 3


def test_a_log_that_was_cut_or_changed_is_not_signed(sequencer, happen):
    happen(10)
    sequencer.run()
    happen(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditnode DISABLE TRIGGER audit_auditnode_no_change")
        cursor.execute("UPDATE audit_auditnode SET hash = sha256(hash) WHERE level = 3")
        cursor.execute("ALTER TABLE audit_auditnode ENABLE ALWAYS TRIGGER audit_auditnode_no_change")
    with pytest.raises(Damaged, match="root over 10 leaves"):
        sequencer.run()
    assert AuditCheckpoint.objects.count() == 2


def test_a_rolled_back_log_is_not_signed_again(signer, happen, tmp_path):
    state = tmp_path / "state"
    sequencer = Sequencer(signer, state, batch=7)
    happen(10)
    sequencer.run()
    assert state.read_text() == AuditCheckpoint.objects.get(size=10).note
    with connection.cursor() as cursor:  # what a backup of yesterday would bring back
        for part, condition in (("leaf", "idx >= 7"), ("node", "true"), ("checkpoint", "size > 7")):
            table = f"audit_audit{part}"
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change")
            if part == "node":
                cursor.execute("DELETE FROM audit_auditnode WHERE ((idx + 1) << level) > 7")
            else:
                cursor.execute(f"DELETE FROM {table} WHERE {condition}")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")
    with pytest.raises(Damaged, match="rolled back"):
        Sequencer(signer, state, batch=7).run()
    assert AuditCheckpoint.objects.count() == 1


def test_every_proof_comes_from_what_is_stored(sequencer, happen):
    happen(30)
    sequencer.run()
    naive = Naive(payloads())
    for index in range(30):
        assert tree.proof(merkle.inclusion_ranges(index, 30)) == naive.path(index, 0, 30)
    for old in range(1, 31):
        assert tree.proof(merkle.consistency_ranges(old, 30)) == naive.subproof(old, 0, 30, True)

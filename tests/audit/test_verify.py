"""The verifier on good bundles, on bundles out of the database, and on every kind of change by itself."""

import base64
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import rfc8785

from compliance import verify
from compliance.exports.bundle import BundlePlan, bundle_write
from portal.accounts.models import Membership
from portal.accounts.services.memberships import membership_add, membership_remove
from portal.audit import merkle
from portal.audit.log import checkpoint_latest, receipt_of
from portal.audit.models import AuditDetail, AuditEvent
from tests.audit.bundles import Made, bundle_make, entry_make, nodes_again

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def made() -> Made:
    chance = random.Random(1)  # noqa: S311 - a fixed sequence of cases, not a secret
    return bundle_make([entry_make(number, chance) for number in range(230)])


def check(made, tmp_path, since=None):
    """`(kind, index, uuid)` of what does not hold."""
    path = made.write(tmp_path / "bundle.zip")
    kept = None
    if since:
        kept = tmp_path / "old.note"
        kept.write_text(since)
    keys = verify.keys_of([made.signer.verifier])
    report, _ = verify.verify(str(path), keys, str(kept) if kept else None, workers=1)
    return [(each["kind"], each["index"], each["uuid"]) for each in report.problems]


def test_a_good_bundle_holds(made, tmp_path):
    assert check(made, tmp_path) == []
    assert check(made, tmp_path, since=made.notes[3]) == []


@pytest.mark.parametrize("count", [1, 2, 3, 100, 101, 128])
def test_sizes(tmp_path, count):
    chance = random.Random(count)  # noqa: S311
    assert check(bundle_make([entry_make(number, chance) for number in range(count)]), tmp_path) == []


def test_an_altered_payload_is_named(made, tmp_path):
    entry = made.entries[120]
    entry.payload = entry.payload.replace(b'"done"', b'"gone"')
    assert check(made, tmp_path) == [("altered", 120, entry.uuid)]


def test_a_payload_that_is_no_canonical_json_is_named(made, tmp_path):
    entry = made.entries[7]
    entry.payload = entry.payload.replace(b",", b", ", 1)
    assert check(made, tmp_path) == [("altered", 7, entry.uuid)]


def test_an_altered_payload_whose_leaf_hash_was_fixed_is_named(made, tmp_path):
    entry = made.entries[121]
    entry.payload = entry.payload.replace(b'"done"', b'"gone"')
    made.index[121] = (entry.uuid, merkle.leaf_hash(entry.payload))
    assert check(made, tmp_path) == [("altered", 121, entry.uuid)]
    entry.columns["outcome"] = "gone"
    keys = verify.keys_of([made.signer.verifier])
    report, _ = verify.verify(str(made.write(tmp_path / "b.zip")), keys, workers=1)
    assert [(each["kind"], each["index"], each["last"]) for each in report.problems] == [
        ("altered", 120, 121)
    ]


def test_an_altered_payload_whose_whole_path_was_fixed_is_between_two_heads(made, tmp_path):
    entry = made.entries[121]
    entry.payload = entry.payload.replace(b'"done"', b'"gone"')
    entry.columns["outcome"] = "gone"
    made.index[121] = (entry.uuid, merkle.leaf_hash(entry.payload))
    nodes_again(made)
    keys = verify.keys_of([made.signer.verifier])
    report, _ = verify.verify(str(made.write(tmp_path / "b.zip")), keys, workers=1)
    assert [(each["kind"], each["index"], each["last"]) for each in report.problems] == [
        ("altered", 100, 124)
    ]


def test_a_removed_entry_is_named(made, tmp_path):
    gone = made.entries.pop(60)
    assert ("removed", 60, gone.uuid) in check(made, tmp_path)
    made.numbers = [number for number in range(230) if number != 60]
    found = check(made, tmp_path)
    assert found[0] == ("removed", 60, gone.uuid)


def test_an_inserted_entry_is_named(made, tmp_path):
    new = entry_make(61, random.Random(2))  # noqa: S311
    made.entries.insert(60, new)
    assert ("inserted", 60, new.uuid) in check(made, tmp_path)


def test_a_repeated_entry_is_named(made, tmp_path):
    made.entries.insert(60, made.entries[10])
    assert ("inserted", 60, made.entries[10].uuid) in check(made, tmp_path)


def test_swapped_entries_are_named(made, tmp_path):
    one, two = made.entries[10], made.entries[200]
    made.entries[10], made.entries[200] = two, one
    assert {("reordered", 10, one.uuid), ("reordered", 200, two.uuid)} <= set(check(made, tmp_path))


def test_a_tail_that_was_cut_is_named(made, tmp_path):
    last = made.entries.pop()
    assert check(made, tmp_path) == [("removed", 229, last.uuid)]


def test_a_tail_that_was_cut_with_all_its_traces_is_found_by_a_kept_head(made, tmp_path):
    kept = made.notes[-1]
    shorter = bundle_make(made.entries[:200])
    assert check(shorter, tmp_path) == []
    assert [kind for kind, _, _ in check(shorter, tmp_path, since=kept)] == ["since"]


def test_a_fork_is_found_by_a_kept_head(made, tmp_path):
    kept = made.notes[4]
    chance = random.Random(3)  # noqa: S311
    other = bundle_make([*made.entries[:50], *(entry_make(number, chance) for number in range(50, 230))])
    assert check(other, tmp_path) == []
    assert [kind for kind, _, _ in check(other, tmp_path, since=kept)] == ["since"]
    assert check(other, tmp_path, since=made.notes[1]) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "user:999"),
        ("outcome", "denied"),
        ("object_id", "x"),
        ("workspace_id", 77),
        ("token_id", "x"),
    ],
)
def test_an_edited_copy_is_named(made, tmp_path, column, value):
    made.entries[33].columns[column] = value
    assert check(made, tmp_path) == [("copy", 33, made.entries[33].uuid)]


def test_an_entry_that_was_dated_back_is_named(made, tmp_path):
    entry = made.entries[34]
    entry.recorded_at = entry.recorded_at.replace("2026", "2025")
    assert check(made, tmp_path) == [("copy", 34, entry.uuid)]


def test_altered_words_are_named(made, tmp_path):
    made.entries[35].detail["body"] = made.entries[35].detail["body"].replace("number", "Number")
    assert check(made, tmp_path) == [("detail", 35, made.entries[35].uuid)]


def test_words_that_are_gone_need_a_tombstone(made, tmp_path):
    entry = made.entries[36]
    entry.detail = None
    assert check(made, tmp_path) == [("detail", 36, entry.uuid)]
    chance = random.Random(4)  # noqa: S311
    stone = entry_make(
        230, chance, action="audit.detail.erase", object=f"eventdetail:{entry.uuid.replace('-', '')}"
    )
    assert check(bundle_make([*made.entries, stone]), tmp_path) == []


def test_an_edited_checkpoint_is_named(made, tmp_path):
    made.notes[2] = made.notes[2].replace("\n75\n", "\n76\n")
    keys = verify.keys_of([made.signer.verifier])
    report, _ = verify.verify(str(made.write(tmp_path / "b.zip")), keys, workers=1)
    assert [each["kind"] for each in report.problems] == ["checkpoint"]
    assert "number 3, of size 76" in report.problems[0]["said"]


def test_a_checkpoint_of_another_key_counts_for_nothing(made, tmp_path):
    other = verify.keys_of(["PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"])
    report, _ = verify.verify(str(made.write(tmp_path / "b.zip")), other, workers=1)
    assert {each["kind"] for each in report.problems} == {"checkpoint"}


def test_an_edited_index_and_an_edited_subtree_are_named(made, tmp_path):
    uuid, value = made.index[44]
    made.index[44] = (uuid, bytes(32))
    made.nodes[3][2] = bytes(32)
    assert check(made, tmp_path) == [("index", 44, uuid), ("subtree", 16, "")]
    made.index[44] = ("00000000-0000-7000-8000-000000000000", value)
    made.nodes[3][2] = merkle.node_hash(made.nodes[2][4], made.nodes[2][5])
    assert check(made, tmp_path) == [("index", 44, uuid)]


@pytest.mark.slow
def test_every_flipped_bit_of_a_bundle_is_found(tmp_path):
    """Headers of the zip included: the file is what the portal wrote, byte for byte."""
    chance = random.Random(5)  # noqa: S311
    made = bundle_make([entry_make(number, chance) for number in range(6)], batch=3)
    path = made.write(tmp_path / "bundle.zip")
    good, keys = path.read_bytes(), verify.keys_of([made.signer.verifier])
    for at in range(0, len(good), 7):
        path.write_bytes(good[:at] + bytes([good[at] ^ (1 << chance.randrange(8))]) + good[at + 1 :])
        try:
            report, _ = verify.verify(str(path), keys, workers=1)
        except verify.Unreadable:
            continue
        assert report.problems, f"byte {at} of {len(good)}"


def test_state_that_no_event_explains_is_named(made, tmp_path):
    chance = random.Random(6)  # noqa: S311
    changes = {"member": [None, "user:7"], "role": [None, "approver"], "member_name": [None, "x"]}
    given = entry_make(230, chance, action="accounts.membership.add", object="workspace:1", changes=changes)
    row = {"object": "workspace:1", "member": "user:7", "role": "approver"}
    good = bundle_make([*made.entries, given])
    good.states = {"workspace_roles": [row], "portal_flags": []}
    assert check(good, tmp_path) == []
    good.states["workspace_roles"].append({**row, "member": "user:8"})
    assert [kind for kind, _, _ in check(good, tmp_path)] == ["unexplained"]
    good.states["workspace_roles"] = []
    assert check(good, tmp_path) == [("unexplained", 230, "")]
    good.states = {"something_new": []}
    assert [kind for kind, _, _ in check(good, tmp_path)] == ["state"]


# Out of the database


def exported(path, *, has_details=True):
    latest = checkpoint_latest()
    plan = BundlePlan(latest.note.partition("\n")[0], latest.size, has_details)
    path.write_bytes(b"".join(bundle_write(plan)))
    return path


def problems(path, signer, **more):
    report, _ = verify.verify(str(path), verify.keys_of([signer.verifier]), **more)
    return [(each["kind"], each["index"], each["uuid"]) for each in report.problems]


@pytest.fixture
def grown(acting, olga, workspace, cora, happen, sequencer):
    """A log with grants; those of the fixtures were made without an event, so they are taken away."""
    Membership.objects.all().delete()
    happen(12)
    membership_add(actor=acting(olga), workspace=workspace, user=cora, role="approver")
    membership_add(actor=acting(olga), workspace=workspace, user=cora, role="viewer")
    membership_remove(actor=acting(olga), workspace=workspace, user=cora, role="approver")
    sequencer.run()


@pytest.mark.django_db(transaction=True)
def test_an_export_holds_but_for_grants_without_an_event(grown, signer, tmp_path, olga):
    path = exported(tmp_path / "bundle.zip")
    report, _ = verify.verify(str(path), verify.keys_of([signer.verifier]))
    # The operator of the fixtures was made without an operation, as somebody with access to the tables would.
    assert [(each["kind"], each["said"]) for each in report.problems] == [
        ("unexplained", f"portal_flags: user:{olga.pk} is_operator holds now, and no event says why"),
    ]  # fmt: skip
    assert problems(exported(tmp_path / "bare.zip", has_details=False), signer) == []


@pytest.mark.django_db(transaction=True)
def test_a_grant_after_the_last_checkpoint_is_explained(
    grown, signer, tmp_path, acting, olga, workspace, dia
):
    Membership.objects.filter(user=dia).delete()
    membership_add(actor=acting(olga), workspace=workspace, user=dia, role="maintainer")
    assert [kind for kind, _, _ in problems(exported(tmp_path / "bundle.zip"), signer)] == ["unexplained"]


@pytest.mark.django_db(transaction=True)
def test_words_erased_in_the_database_without_the_act_are_found(grown, signer, tmp_path):
    event = AuditEvent.objects.order_by("id")[3]
    AuditDetail.objects.filter(event=event).delete()
    assert ("detail", 3, str(event.uuid)) in problems(exported(tmp_path / "bundle.zip"), signer)


@pytest.mark.django_db(transaction=True)
def test_a_receipt_holds_alone_and_not_when_changed(grown, signer, tmp_path):
    receipt = receipt_of(AuditEvent.objects.order_by("id")[5])
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt))
    assert problems(path, signer) == []
    facts = json.loads(receipt["payload"])
    changes = [
        {"payload": rfc8785.dumps({**facts, "outcome": "denied"}).decode()},
        {"index": receipt["index"] + 1},
        {"index": -1},
        {"index": 10**6},
        {"path": receipt["path"][:-1]},
        {"path": [*receipt["path"], base64.b64encode(bytes(32)).decode()]},
        {"uuid": "0"},
        {"detail": {**receipt["detail"], "body": "{}"}},
        {"checkpoint": receipt["checkpoint"].replace(signer.name, "other.example", 1)},
    ]
    for change in changes:
        path.write_text(json.dumps({**receipt, **change}))
        assert problems(path, signer), change


def test_the_command_needs_neither_django_nor_the_portal(made, tmp_path):
    """Alone in a folder, as somebody outside would run it."""
    (tmp_path / "verify.py").write_bytes((ROOT / "compliance" / "verify.py").read_bytes())
    made.write(tmp_path / "bundle.zip")
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['django', 'portal', 'rfc8785', 'compliance']));"
        "import verify; sys.exit(verify.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "bundle.zip", "--key", made.signer.verifier]
    good = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert "OK: 230 entries of the log log.example/audit under 10 signed heads" in good.stdout


def test_the_exit_codes(made, tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "compliance.verify", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    path = str(made.write(tmp_path / "bundle.zip"))
    unsure = run(path)
    assert unsure.returncode == 0
    assert "No --key was given" in unsure.stdout
    made.entries[5].payload += b" "
    bad = run(
        str(made.write(tmp_path / "bad.zip")), "--key", made.signer.verifier, "--json", str(tmp_path / "r")
    )
    assert bad.returncode == 1
    assert f"ALTERED entry 5 {made.entries[5].uuid}: its payload is not the one that was signed" in bad.stdout
    assert json.loads((tmp_path / "r").read_text())["problems"][0]["index"] == 5
    (tmp_path / "empty").touch()
    for arguments in (
        [str(tmp_path / "none")],
        [str(tmp_path / "empty")],
        [path, "--key", "nonsense"],
        [__file__],
    ):
        refused = run(*arguments)
        assert refused.returncode == 2, refused
        assert "Traceback" not in refused.stderr

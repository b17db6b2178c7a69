"""A bundle of the audit log explains aliases, stages and approvals by events, and names those that none explains."""

import pytest
from django.db import connection

from compliance import verify
from compliance.exports.bundle import BundlePlan, bundle_write
from portal.audit.log import checkpoint_latest
from portal.audit.notes import Signer
from portal.audit.sequencer import Sequencer
from registry.models import ModelVersion
from tests.audit.bundles import ORIGIN, SEED
from tests.compliance.scenery import policy_put
from tests.registry.registering import POLICY, send
from tests.registry.test_alias_move import put
from tests.registry.test_alias_revert import STAGE, asked


def unexplained(path):
    """What no event explains, but for the grants that the fixtures made without one."""
    signer = Signer(ORIGIN, SEED)
    Sequencer(signer).run()
    plan = BundlePlan(ORIGIN, checkpoint_latest().size, True)
    path.write_bytes(b"".join(bundle_write(plan)))
    report, _ = verify.verify(str(path), verify.keys_of([signer.verifier]))
    assert {each["kind"] for each in report.problems} <= {"unexplained"}
    said = [each["said"] for each in report.problems]
    return [each for each in said if not each.startswith(("workspace_roles", "portal_flags"))]


@pytest.fixture
def moved(caller, fraud, workspace, dia):
    put(caller("cora"), 1)
    put(caller("cora"), 2)
    put(caller("cora"), 1, alias="challenger")
    send(caller("cora"), "DELETE", "registered-models/alias", name="fraud", alias="challenger")
    put(caller("cora"), 2, alias="challenger")


def test_moves_are_explained(moved, tmp_path):
    assert unexplained(tmp_path / "bundle.zip") == []


def test_an_alias_that_was_moved_in_the_tables_is_named(moved, tmp_path):
    first = ModelVersion.objects.get(version=1)
    where = "WHERE name = 'champion' AND valid_to IS NULL"
    tables_change(f"UPDATE registry_assignment SET version_id = '{first.pk}' {where}")
    more, fewer = unexplained(tmp_path / "bundle.zip")
    assert more.endswith("champion 1 holds now, and no event says why")
    assert fewer.endswith("champion 2 was given and does not hold now")


def test_a_stage_is_explained_by_the_move_under_an_approval(caller, fraud, workspace, dia, tmp_path):
    policy_put(workspace, POLICY)
    approval = asked(caller, 1, dia, act=STAGE)
    assert unexplained(tmp_path / "bundle.zip") == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_approval SET state = 'lapsed', ended_at = now()")
    (said,) = unexplained(tmp_path / "bundle.zip")
    assert said == f"approvals: approval:{approval.pk.hex} was given and does not hold now"
    report = verify.Report()
    verify.reconcile("approvals", [{"object": f"approval:{approval.pk.hex}"}], [], report)
    assert [each["kind"] for each in report.problems] == ["unexplained"]


def test_what_ended_by_events_is_not_missed_and_what_ended_without_one_is(moved, caller, fraud, tmp_path):
    for version, archive in ((1, False), (2, True)):
        stage = {"name": "fraud", "version": str(version), "stage": "Production"}
        moving = send(
            caller("cora"),
            "POST",
            "model-versions/transition-stage",
            **stage,
            archive_existing_versions=archive,
        )
        assert moving.status == 200, moving
    assert unexplained(tmp_path / "moved.zip") == []
    end = "greatest(valid_from, clock_timestamp()) + interval '1 ms'"
    tables_change(f"UPDATE registry_assignment SET valid_to = {end} WHERE valid_to IS NULL")
    model, second = fraud[0].model_id.hex, ModelVersion.objects.get(version=2).pk.hex
    assert unexplained(tmp_path / "emptied.zip") == [
        f"aliases: registeredmodel:{model} challenger 2 was given and does not hold now",
        f"aliases: registeredmodel:{model} champion 2 was given and does not hold now",
        f"stages: modelversion:{second} Production was given and does not hold now",
    ]


def test_deletions_say_what_they_took_away(moved, caller, fraud, tmp_path):
    put(caller("cora"), 1)
    ann = caller("ann")
    assert send(ann, "DELETE", "model-versions/delete", name="fraud", version="2").status == 200
    assert unexplained(tmp_path / "version.zip") == []
    assert send(ann, "DELETE", "registered-models/delete", name="fraud").status == 200
    assert unexplained(tmp_path / "model.zip") == []


def tables_change(statement):
    """As somebody with access to the tables would, past their triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registry_assignment DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE registry_assignment ENABLE TRIGGER USER")

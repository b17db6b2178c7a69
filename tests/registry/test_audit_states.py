"""A bundle of the audit log explains aliases, stages and approvals by events, and names those that none explains."""

import pytest
from django.db import connection

from compliance import verify
from compliance.exports.bundle import BundlePlan, bundle_write
from portal.audit.log import checkpoint_latest
from portal.audit.notes import Signer
from portal.audit.sequencer import Sequencer
from registry.models import Assignment, ModelVersion
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
    with connection.cursor() as cursor:  # as somebody with access to the tables would
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registry_assignment DISABLE TRIGGER USER")
    Assignment.objects.filter(name="champion", valid_to=None).update(version=first)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_assignment ENABLE TRIGGER USER")
    (said,) = unexplained(tmp_path / "bundle.zip")
    assert said.endswith("champion 1 holds now, and no event says why")


def test_a_stage_is_explained_by_the_move_under_an_approval(caller, fraud, workspace, dia, tmp_path):
    policy_put(workspace, POLICY)
    approval = asked(caller, 1, dia, act=STAGE)
    assert unexplained(tmp_path / "bundle.zip") == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_approval SET state = 'lapsed', ended_at = now()")
    assert unexplained(tmp_path / "bundle.zip") == []  # fewer rights than the events say
    report = verify.Report()
    verify.reconcile("approvals", [{"object": f"approval:{approval.pk.hex}"}], [], report)
    assert [each["kind"] for each in report.problems] == ["unexplained"]

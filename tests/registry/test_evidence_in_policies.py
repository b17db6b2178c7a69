"""Certificates of reproduction and comparisons with the champion decide at the gate, as a policy says."""

from typing import Any

from django.db import transaction

from compliance.models import ApprovalRequest
from jobs.registry import kind_get
from portal.accounts.models import User
from portal.kernel.clock import now
from registry.gate.recording import Observation, observations_record
from registry.models import ModelVersion
from tests.compliance.scenery import policy_put
from tests.registry.registering import approved, intervals
from tests.registry.test_alias_move import put
from training.evaluation.reports import evidence_body
from training.models import Reproduction
from training.services.evaluations import KIND, SOURCE
from training.services.jobs import RUN_JOB
from training.services.reproductions import CERTIFY_JOB, reproduction_certify

POLICY = """
name: champion-is-certified
applies_to: {models: ["fraud*"], aliases: [champion]}
rules:
  - id: reproduced
    title: It was trained again to the same
    require: facts.evidence.reproduction.body.class in ["identical", "within_tolerance"]
  - id: not-worse
    title: On the same data it is not worse than the champion
    require: >-
      facts.champion == null || (facts.evidence.evaluation.outcome == "pass"
      && facts.evidence.evaluation.body.champion_version == facts.champion.version
      && facts.evidence.evaluation.body.champion.differences.accuracy_score >= -0.01)
approvals:
  - {role: approver, quorum: 1}
"""


def certified(version: ModelVersion, verdict: str, by: User) -> None:
    """A reproduction that came out so; its certificate is signed elsewhere."""
    made = Reproduction.objects.create(
        workspace=version.workspace, version=version, tolerance={"metrics": 0.01}, requested_by=by, created_at=now()
    )  # fmt: skip
    with transaction.atomic():
        reproduction_certify(
            actor=kind_get(CERTIFY_JOB).actor("test"), reproduction=made, verdict=verdict, why="As told.",
            comparison={}, certificate={"signed": True}, at=now(),
        )  # fmt: skip


def measured(version: ModelVersion, champion: int, difference: float) -> None:
    """An evaluation beside the champion, as its job records it."""
    report: dict[str, Any] = {
        "task": "classification", "target": "label", "rows": 100, "metrics": {"accuracy_score": 0.9}, "slices": [],
        "fairness": [], "problems": [], "champion": {"differences": {"accuracy_score": difference}},
    }  # fmt: skip
    body = evidence_body(report, [], {"champion_version": champion})
    with transaction.atomic():
        actor = kind_get(RUN_JOB).actor("test")
        observations_record(actor, version, [Observation(KIND, "pass", "measured", body, SOURCE)])


def test_a_version_that_was_not_reproduced_or_is_worse_waits_at_the_gate(caller, fraud, workspace, cora):
    first, second = fraud
    policy_put(workspace, POLICY)

    def refused(version: int) -> str:
        answer = put(caller("cora"), version)
        assert answer.status == 403
        return str(answer.json["message"])

    assert "champion-is-certified/reproduced" in refused(1)
    certified(first, "failed", cora)
    assert "champion-is-certified/reproduced" in refused(1)
    certified(first, "identical", cora)
    assert "rules do not hold" not in refused(1)
    approved(ApprovalRequest.objects.get())
    assert put(caller("cora"), 1).status == 200

    certified(second, "within_tolerance", cora)
    assert "champion-is-certified/not-worse" in refused(2)
    measured(second, 1, -0.2)
    assert "champion-is-certified/not-worse" in refused(2)
    measured(second, 7, 0.3)
    assert "champion-is-certified/not-worse" in refused(2), "it was measured beside another one"
    measured(second, 1, 0.002)
    assert "rules do not hold" not in refused(2)
    approved(ApprovalRequest.objects.exclude(state="approved").get())
    assert put(caller("cora"), 2).status == 200
    assert [version for version, is_current, _ in intervals() if is_current] == [2]

"""A stored evaluation, evaluated again: the facts that it saw, by the versions of policies that it names."""

from dataclasses import dataclass
from typing import Any

import rfc8785

from compliance.models import GateEvaluation, Waiver
from compliance.policies.document import document_digest
from compliance.policies.evaluation import PolicyText, WaiverFact, digest_of, evaluate, normal


@dataclass(frozen=True)
class Replayed:
    """What comes out now, beside what came out then."""

    evaluation: GateEvaluation
    checks: list[dict[str, Any]]
    approvals_needed: list[dict[str, Any]]
    passed: bool
    facts_hold: bool
    policies_hold: bool

    @property
    def is_equal(self) -> bool:
        """Whether facts and policies are what they were, and the answer is the same, byte for byte."""
        then: Any = [self.evaluation.checks, self.evaluation.approvals_needed, self.evaluation.passed]
        now: Any = [self.checks, self.approvals_needed, self.passed]
        return self.facts_hold and self.policies_hold and rfc8785.dumps(then) == rfc8785.dumps(now)


def evaluation_replay(evaluation: GateEvaluation) -> Replayed:
    """Evaluate again; nothing is written."""
    versions = list(evaluation.policy_versions.select_related("policy"))
    waivers = Waiver.objects.filter(pk__in=evaluation.waivers)
    # PostgreSQL gives a number like 1e16 back as an integer.
    facts = normal(evaluation.facts)
    found = evaluate(
        facts=facts,
        risk_tier=str(facts.get("selectors", {}).get("risk_tier") or ""),
        policies=[PolicyText(version.policy.name, version.digest, version.document) for version in versions],
        waivers=[WaiverFact(str(waiver.pk), waiver.policy_name, waiver.rule) for waiver in waivers],
    )
    return Replayed(
        evaluation=evaluation,
        checks=list(found.checks),
        approvals_needed=list(found.needed),
        passed=found.passed,
        facts_hold=digest_of(facts) == evaluation.facts_digest,
        policies_hold=all(document_digest(version.document) == version.digest for version in versions),
    )

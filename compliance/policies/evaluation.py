"""What policies say about facts: a pure function, so that a stored decision can be replayed to the same answer."""

import fnmatch
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from compliance.policies.rules import ERROR, FAIL, PASS, Outcome, Size, rule_compile, rule_run, size_of
from portal.kernel.errors import InvalidInput

WAIVED = "waived"
HOLDING = frozenset({PASS, WAIVED})
DEEPEST_FACTS = 32
UNCLASSIFIED = "unclassified"
_SAFE_INTEGER = 2**53 - 1
_TARGETS = (("aliases", "alias"), ("stages", "stage"), ("environments", "environment"))


@dataclass(frozen=True)
class PolicyText:
    """A published version as the evaluation needs it."""

    name: str
    digest: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class WaiverFact:
    """A granted exception: from one rule of one policy. The caller has matched it to the subject and the day."""

    id: str
    policy_name: str
    rule: str


@dataclass(frozen=True)
class Evaluated:
    """The answer: every rule with its outcome, who must approve, and whether all rules hold."""

    checks: tuple[dict[str, Any], ...]
    needed: tuple[dict[str, Any], ...]
    passed: bool
    waivers: tuple[str, ...]

    @property
    def failing(self) -> tuple[dict[str, Any], ...]:
        return tuple(check for check in self.checks if check["outcome"] not in HOLDING)


def applies(document: Mapping[str, Any], act: str, selectors: Mapping[str, Any]) -> bool:
    """Whether a policy is about this act on this subject; what it leaves out means all."""
    wanted = document.get("applies_to") or {}
    acts, tiers = wanted.get("acts"), wanted.get("risk_tiers")
    if (acts and act not in acts) or (tiers and (selectors.get("risk_tier") or UNCLASSIFIED) not in tiers):
        return False
    model = str(selectors.get("model") or "")
    if wanted.get("models") and not any(fnmatch.fnmatchcase(model, glob) for glob in wanted["models"]):
        return False
    tags = selectors.get("tags") or {}
    if any(tags.get(key) != value for key, value in (wanted.get("tags") or {}).items()):
        return False
    named = [(wanted[many], selectors.get(one)) for many, one in _TARGETS if wanted.get(many)]
    return not named or any(name in names for names, name in named)


def evaluate(
    *, facts: Mapping[str, Any], risk_tier: str, policies: Iterable[PolicyText], waivers: Sequence[WaiverFact]
) -> Evaluated:
    """Evaluate the rules of policies that apply, over normal facts, in the order of names and rules."""
    size = size_of(facts)
    by_rule = {(waiver.policy_name, waiver.rule): waiver.id for waiver in waivers}
    texts = sorted(policies, key=lambda policy: (policy.name, policy.digest))
    checks = tuple(
        _check(policy, rule, facts, size, by_rule)
        for policy in texts
        for rule in policy.document.get("rules", [])
    )
    used = sorted({check["waiver"] for check in checks if check["waiver"]})
    return Evaluated(
        checks=checks,
        needed=_needed(texts, risk_tier),
        passed=all(check["outcome"] in HOLDING for check in checks),
        waivers=tuple(used),
    )


def _check(
    policy: PolicyText, rule: Mapping[str, Any], facts: Mapping[str, Any], size: Size,
    waivers: Mapping[tuple[str, str], str],
) -> dict[str, Any]:  # fmt: skip
    found = _outcome(rule, facts, size)
    waiver = waivers.get((policy.name, rule["id"])) if rule.get("waivable") else None
    is_waived = waiver is not None and found.outcome != PASS
    message = found.message or (rule.get("message") or rule["title"] if found.outcome == FAIL else "")
    return {
        "policy": policy.name, "policy_digest": policy.digest, "rule": rule["id"], "title": rule["title"],
        "outcome": WAIVED if is_waived else found.outcome, "message": message,
        "severity": rule.get("severity", "high"), "waivable": bool(rule.get("waivable")),
        "waiver": waiver if is_waived else None,
    }  # fmt: skip


def _outcome(rule: Mapping[str, Any], facts: Mapping[str, Any], size: Size) -> Outcome:
    try:
        return rule_run(rule_compile(rule["require"]), facts, size)
    except InvalidInput as error:  # a version that an older release took
        return Outcome(ERROR, error.detail)


def _needed(policies: Iterable[PolicyText], risk_tier: str) -> tuple[dict[str, Any], ...]:
    """Per role the largest quorum that any policy asks for: one approval may satisfy several policies."""
    quorums: dict[str, int] = {}
    for policy in policies:
        for approval in policy.document.get("approvals", []):
            by_tier = approval.get("quorum_by_tier") or {}
            quorum = by_tier.get(risk_tier or UNCLASSIFIED, approval["quorum"])
            quorums[approval["role"]] = max(quorum, quorums.get(approval["role"], 0))
    return tuple({"role": role, "quorum": quorum} for role, quorum in sorted(quorums.items()))


def normal(value: Any, depth: int = 0) -> Any:
    """Facts as they read after PostgreSQL kept them, so that today's evaluation and a replay see the same.

    Raises InvalidInput for facts that nest too deep, on which the evaluator would overflow its stack.
    """
    if depth > DEEPEST_FACTS:
        raise InvalidInput(f"The facts nest more than {DEEPEST_FACTS} levels.", code="facts_too_deep")
    if isinstance(value, Mapping):
        return {_text(str(key)): normal(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [normal(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    return _number(value) if isinstance(value, (int, float)) else _text(str(value))


def _double(value: int) -> float | None:
    """PostgreSQL gives a large double back as a whole number, up to the largest that there is."""
    try:
        return float(value)
    except OverflowError:
        return None


def _number(value: int | float) -> int | float | None:
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_INTEGER else _double(value)
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return value if value else 0.0


def _text(value: str) -> str:
    return value.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\0")


def digest_of(value: Any) -> str:
    """SHA-256 over the canonical JSON of a normal value."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()

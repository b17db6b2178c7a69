"""The rules of an evaluation as people read them: how each came out, what it asks, and the facts that it looked at."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.models import PolicyVersion, Waiver

SHOWN_FACTS = 6
SHOWN_LENGTH = 120
# Facts that are null when there is no such thing; of others a null is not known.
_NONE_AT_ALL = {("champion",), ("run",), ("card",)}
_STEP = r"""(?:\.[A-Za-z_]\w*(?!\s*\(|\w)|\[\s*(?:"[^"]*"|'[^']*')\s*\])"""
_PATH = re.compile(rf"\bfacts({_STEP}+)")
_NAME = re.compile(r"""[A-Za-z_]\w*|"[^"]*"|'[^']*'""")
# What stands first is what needs somebody to look.
_ORDER = {"error": 0, "fail": 1, "waived": 2, "pass": 3}


@dataclass(frozen=True)
class Fact:
    """One value that a rule names, and where it stands in the facts."""

    path: str
    value: str
    is_known: bool


@dataclass(frozen=True)
class CheckRow:
    """A rule with its outcome."""

    outcome: str
    title: str
    message: str
    policy: str
    policy_key: str
    rule: str
    require: str
    severity: str
    facts: list[Fact]
    waiver: Waiver | None = None
    is_waivable: bool = False


def check_rows(
    checks: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], versions: Iterable[PolicyVersion]
) -> list[CheckRow]:
    """The checks of an evaluation, the failing ones first, each with its rule as the policy version has it."""
    by_digest = {version.digest: version for version in versions}
    waivers = _waivers(checks)
    rows = [_row(check, facts, by_digest.get(str(check.get("policy_digest"))), waivers) for check in checks]
    return sorted(rows, key=lambda row: _ORDER.get(row.outcome, 0))


def facts_named(expression: str, facts: Mapping[str, Any]) -> list[Fact]:
    """The facts that a rule in CEL names, each once, with their values."""
    paths = dict.fromkeys(tuple(_names(found)) for found in _PATH.findall(expression))
    return [_fact(path, facts) for path in _told(list(paths), facts)[:SHOWN_FACTS]]


def _row(
    check: Mapping[str, Any],
    facts: Mapping[str, Any],
    version: PolicyVersion | None,
    waivers: Mapping[str, Waiver],
) -> CheckRow:
    rules = version.document.get("rules", []) if version else []
    rule: Mapping[str, Any] = next((each for each in rules if each["id"] == check.get("rule")), {})
    require = str(rule.get("require", ""))
    return CheckRow(
        outcome=str(check["outcome"]), title=str(check.get("title") or check.get("rule")),
        message=str(check.get("message") or ""), policy=str(check.get("policy", "")),
        policy_key=version.policy_id.hex if version else "", rule=str(check.get("rule", "")), require=require,
        severity=str(check.get("severity") or "high"), facts=facts_named(require, facts),
        waiver=waivers.get(str(check.get("waiver"))), is_waivable=bool(check.get("waivable")),
    )  # fmt: skip


def _waivers(checks: Sequence[Mapping[str, Any]]) -> dict[str, Waiver]:
    keys = [check["waiver"] for check in checks if check.get("waiver")]
    found = Waiver.objects.filter(pk__in=keys).select_related("decided_by") if keys else []
    return {str(waiver.pk): waiver for waiver in found}


def _names(path: str) -> Iterator[str]:
    for found in _NAME.finditer(path):
        yield found.group().strip("\"'")


def _told(paths: list[tuple[str, ...]], facts: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Without a mapping as a whole where the rule names values inside it."""
    return [
        path
        for path in paths
        if not any(other[: len(path)] == path and other != path for other in paths)
        or not isinstance(_value(path, facts), Mapping)
    ]


def _value(path: tuple[str, ...], facts: Mapping[str, Any]) -> Any:
    value: Any = facts
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _fact(path: tuple[str, ...], facts: Mapping[str, Any]) -> Fact:
    value: Any = facts
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return Fact(".".join(path), "not there", is_known=False)
        value = value[name]
    if value is None and path in _NONE_AT_ALL:
        return Fact(".".join(path), "none", is_known=True)
    return Fact(".".join(path), _shown(value), is_known=value is not None)


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Mapping, list)):
        return f"{len(value)} value{'' if len(value) == 1 else 's'}"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"

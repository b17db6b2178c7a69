"""What a rule looked at, told from its expression and the facts."""

from typing import Any

import pytest

from compliance.selectors.web_checks import check_rows, facts_named

FACTS: dict[str, Any] = {
    "metrics": {"auc": 0.91342, "a b": 2}, "champion": None, "run": {"is_dirty": False, "commit": None},
    "datasets": [{"digest": "x"}, {"digest": "y"}],
}  # fmt: skip


def named(expression: str) -> dict[str, str]:
    return {fact.path: fact.value for fact in facts_named(expression, FACTS)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("facts.metrics.auc >= 0.8", {"metrics.auc": "0.91342"}),
        ('facts.metrics["a b"] > 1 && facts.metrics["a b"] < 3', {"metrics.a b": "2"}),
        ("!facts.run.is_dirty", {"run.is_dirty": "no"}),
        ("facts.run.commit != null", {"run.commit": "unknown"}),
        ("facts.champion == null || facts.champion.metrics.auc < facts.metrics.auc",
         {"champion": "none", "champion.metrics.auc": "not there", "metrics.auc": "0.91342"}),
        ("facts.datasets.all(d, d.digest != '')", {"datasets": "2 values"}),
        ("size(facts.datasets) > 0", {"datasets": "2 values"}),
        ("facts.run.commit.startsWith('a')", {"run.commit": "unknown"}),
        ("true", {}),
        ("facts.run == null || !facts.run.is_dirty", {"run.is_dirty": "no"}),
    ],
)  # fmt: skip
def test_facts_are_found_in_an_expression(expression: str, expected: dict[str, str]) -> None:
    assert named(expression) == expected


def test_what_fails_stands_first() -> None:
    checks = [
        {"outcome": outcome, "rule": outcome} for outcome in ("pass", "waived", "fail", "error", "pass")
    ]
    assert [row.outcome for row in check_rows(checks, FACTS, [])] == [
        "error",
        "fail",
        "waived",
        "pass",
        "pass",
    ]

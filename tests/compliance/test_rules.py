"""Rules in CEL: what they may say, what they may cost, and how they fail."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.policies.evaluation import normal
from compliance.policies.rules import MOST_WORK, rule_compile, rule_run, size_of
from portal.kernel.errors import InvalidInput

FACTS = {
    "metrics": {"auc": 0.9, "f-1": 1},
    "champion": None,
    "datasets": [{"digest": "a", "rows": 10}, {"digest": "", "rows": 0}],
    "text": "abc",
}


def run(text, facts=FACTS):
    return rule_run(rule_compile(text), facts, size_of(facts))


@pytest.mark.parametrize(
    "text",
    [
        "facts.metrics.auc >= 0.8", "facts.metrics['f-1'] == 1", "facts.champion == null",
        "facts.champion == null || facts.metrics.auc > facts.champion.metrics.auc", "has(facts.metrics.auc)",
        "facts.datasets.exists(d, d.digest != '')", "!facts.datasets.all(d, d.rows > 0)", "size(facts.datasets) == 2",
        "facts.text.matches('^a.c$')", "'auc' in facts.metrics", "double(facts.metrics['f-1']) + 0.5 > 1.0",
        "facts.datasets.exists_one(d, d.rows == 10)", "facts.metrics.auc > 0.5 ? true : false",
        "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-02T00:00:00Z')",
    ],
)  # fmt: skip
def test_what_rules_can_say(text):
    assert run(text).outcome == "pass"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("facts.metrics.f1 > 0.5", "facts.metrics.f1 is missing"),
        ("facts.evidence.scan.outcome == 'pass'", "facts.evidence is missing"),
        ("facts.metrics['none'] > 1", "facts.metrics['none'] is missing"),
        ("facts.champion.metrics.auc > 0.1", "unknown (null)"),
        ("facts.metrics.auc", "not true or false"),
        ("1 / 0 == 1", "cannot be evaluated"),
        ("facts.datasets[7].rows == 1", "shorter"),
        ("facts.text > 1.5", "different types"),
        ("facts{a: 1} == 1", "cannot be evaluated"),
    ],
)
def test_what_cannot_be_told_is_an_error_that_says_why(text, part):
    found = run(text)
    assert found.outcome == "error"
    assert part in found.message


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "1 to 1000 characters"), ("true" + " || true" * 200, "1 to 1000 characters"),
        ("facts.a ==", "line 1, column 11"), ("facts.a == 1 &&\n  && true", "line 2"),
        ("user.name == 'x'", "user is unknown"), ("now() > 1", "now is not offered"),
        ("string(facts.a) == 'x'", "string is not offered"),
        ("facts.l.map(x, x) == []", "map is not offered"), ("facts.l.filter(x, true) == []", "filter is not offered"),
        ("facts.l.all(a, facts.l.all(b, true))", "cannot stand inside"),
        ("facts.l . all ( a , [1].exists(b, b > a))", "cannot stand inside"),
        ("facts.l.all(a, true)" + " && facts.l.all(a, true)" * 3, "at most 3 loops"),
        ("(" * 30 + "true" + ")" * 30, "at most 20 brackets"),
        ("[" * 400 + "1" + "]" * 400 + " == []", "at most 20 brackets"),
        ("true // facts.l.all(a, facts.l.all(b, true))", "no comments"),
        ("true // '\n && facts.l.all(a, facts.l.all(b, true)) // '", "plain strings"),
        ("r'\\' == '' && facts.l.all(a, facts.l.all(b, true)) && r'\\' == ''", "plain strings"),
        ('"""a""" == "a"', "plain strings"), ("'a", "plain strings"),
        ("facts.l.all(facts, facts > 1)", "`facts`"), 
        ("true\x00", "control characters"), ("\ud800", ""),
    ],
)  # fmt: skip
def test_what_they_may_not_say(text, part):
    with pytest.raises(InvalidInput) as refused:
        rule_compile(text)
    assert refused.value.code == "bad_rule"
    assert part in refused.value.detail


def test_a_rule_over_too_many_facts_is_an_error_at_once():
    facts = {"m": {f"k{number}": 1.0 for number in range(20_000)}}
    rule = rule_compile("facts.m.all(k, facts.m[k] >= 0.0)")
    began = time.monotonic()
    found = rule_run(rule, facts, size_of(facts))
    assert (found.outcome, time.monotonic() - began < 1) == ("error", True)
    assert "too many" in found.message


@pytest.mark.slow
def test_the_largest_work_that_is_let_through_takes_seconds_at_most():
    longest = int((MOST_WORK / 3) ** 0.5)
    facts = {"m": {f"k{number}": 1.0 for number in range(longest - 2)}}
    rule = rule_compile("facts.m.all(k, facts.m[k] >= 0.0)")
    began = time.monotonic()
    rule_run(rule, facts, size_of(facts))
    assert time.monotonic() - began < 20


_PIECES = (
    "facts|.|a|b|all|exists|exists_one|map|filter|has|size|(|)|[|]|{|}|,|x|y|&&|or|!|==|<|>=|+|-|*|/|%|?|:|'|r'|//|1|2.5|"
    "true|false|null|in|\n|\t|é|\\"
)
_WORDS = st.sampled_from([*_PIECES.split("|"), "||", '"', 'b"'])


@settings(max_examples=400, deadline=None)
@given(st.lists(_WORDS, max_size=40).map(" ".join) | st.text(max_size=200))
def test_any_text_is_refused_or_runs_within_bounds(text):
    facts = {"a": [1, 2, 3], "b": {"x": 1}}
    began = time.monotonic()
    try:
        rule = rule_compile(text)
    except InvalidInput:
        return
    assert rule_run(rule, facts, size_of(facts)).outcome in ("pass", "fail", "error")
    assert time.monotonic() - began < 5


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.text(max_size=10), _JSON, max_size=5))
def test_any_json_can_be_facts(facts):
    found = normal(facts)
    assert run("facts == facts", found).outcome in ("pass", "fail", "error")
    assert normal(found) == found


def test_facts_that_nest_too_deep_are_refused():
    facts: dict[str, Any] = {}
    for _ in range(5000):
        facts = {"a": facts}
    with pytest.raises(InvalidInput) as refused:
        normal(facts)
    assert refused.value.code == "facts_too_deep"

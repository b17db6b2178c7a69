"""The YAML of policies: what is taken, and that everything else is refused with its line, at once."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.policies.document import document_digest, document_parse, duration
from compliance.policies.evaluation import PolicyText, WaiverFact, applies, evaluate
from portal.kernel.errors import DomainError, InvalidInput, TooLarge
from tests.compliance.scenery import CHAMPION

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_policy_is_read_and_named_by_what_it_says():
    document = document_parse(CHAMPION)
    assert document["approvals"] == [{"role": "approver", "quorum": 1, "quorum_by_tier": {"high": 2}}]
    assert document_digest(document) == document_digest(document_parse("# a comment\n" + CHAMPION))
    assert document_digest(document) != document_digest(document_parse(CHAMPION.replace("0.8", "0.9")))


@pytest.mark.parametrize(
    ("source", "line", "part"),
    [
        (BOMB, 1, "Anchors and aliases"),
        ("<<: {a: 1}\nname: x\n", 1, ""),
        ("name: x\nname: y\napprovals: [{role: approver, quorum: 1}]\n", 2, "twice"),
        ("name: x\nrules:\n  - id: a\n    id: b\n", 4, "twice"),
        ("name: " + "[" * 50 + "]" * 50, 1, "at most 12 levels"),
        ("name: x\nrules: [" + "1, " * 6000 + "]", 2, "at most 5000"),
        ("name: !!python/object/apply:os.system ['true']\n", 1, "Only texts"),
        ("name: !!binary aGk=\n", 1, "Only texts"),
        ("name: 'x\n", 2, "no valid YAML"),
        ("? [a]\n: 1\n", 1, "Only texts"),
        ("1: a\n", 1, "A key is a text"),
        ("name: X Y\napprovals: [{role: approver, quorum: 1}]\n", 1, "pattern"),
        ("name: x\n", 1, "rules, approvals or both"),
        ("name: x\napprovals:\n  - role: approver\n    quorum: 0\n", 4, "minimum 1"),
        ("name: x\napprovals:\n  - role: approver\n    quorum: two\n", 4, "of type integer"),
        ("name: x\napprovals: [{role: approver, quorum: 1}, {role: approver, quorum: 2}]\n", 2, "asked for twice"),
        ("name: x\nrules:\n" + "  - {id: a, title: T, require: 'true'}\n" * 2, 4, "another rule"),
        ("name: x\nrules:\n  - id: a\n    title: T\n    require: facts.x ==\n", 5, "column 11"),
        ("name: x\nrequest_expires_after: soon\napprovals: [{role: approver, quorum: 1}]\n", 2, "pattern"),
        ("name: x\nbreak_glass: {allowed: true, hours: 99}\n", 2, "maximum 72"),
        ('name: x\ndescription: "a\\0b"\napprovals: [{role: approver, quorum: 1}]\n', 2, "cannot be stored"),
        ("- a\n", 1, "type object"), ("", None, "type object"), ("name: x\n---\nname: y\n", 2, "no valid YAML"),
        ("name: x\nrecertify_after: {king: 3d}\napprovals: [{role: approver, quorum: 1}]\n", 2, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(source, line, part):
    began = time.monotonic()
    with pytest.raises(InvalidInput) as refused:
        document_parse(source)
    assert refused.value.code == "bad_policy"
    assert part in refused.value.detail, refused.value.detail
    assert refused.value.extra["line"] == line
    assert time.monotonic() - began < 2


def test_a_policy_is_bounded_in_size():
    with pytest.raises(TooLarge):
        document_parse("# " + "x" * 70_000)


_LINES = st.sampled_from([*CHAMPION.splitlines(), "  - x", "&a", "*a", "!!map", "{", "}", "[", ": :", "\t"])


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.lists(_LINES, max_size=20).map("\n".join))
def test_any_text_is_a_policy_or_refused(source):
    try:
        document = document_parse(source)
    except DomainError:
        return
    assert document["name"]


def test_durations():
    assert duration("90m") == duration("5400m") / 60
    assert duration("2d") == duration("48h")


@pytest.mark.parametrize(
    ("part", "yes", "no"),
    [
        ({"acts": ["a"]}, {}, None),
        ({"models": ["fra*"]}, {"model": "fraud"}, {"model": "score"}),
        ({"aliases": ["champion"]}, {"alias": "champion"}, {"alias": "shadow"}),
        ({"aliases": ["champion"]}, {"alias": "champion"}, {"stage": "Production"}),
        ({"aliases": ["champion"], "stages": ["Production"]}, {"stage": "Production"}, {"environment": "prod"}),
        ({"environments": ["prod"]}, {"environment": "prod"}, {}),
        ({"risk_tiers": ["high"]}, {"risk_tier": "high"}, {"risk_tier": "limited"}),
        ({"risk_tiers": ["unclassified"]}, {"risk_tier": ""}, {"risk_tier": "high"}),
        ({"tags": {"domain": "credit"}}, {"tags": {"domain": "credit", "x": "y"}}, {"tags": {"domain": "hr"}}),
    ],
)  # fmt: skip
def test_where_a_policy_applies(part, yes, no):
    document = {"name": "x", "applies_to": part}
    assert applies(document, "a", yes)
    assert not (applies(document, "a", no) if no is not None else applies(document, "b", yes))


def test_what_is_left_out_or_empty_means_all():
    documents: list[Any] = [{}, {"applies_to": {}}, {"applies_to": {"models": [], "tags": {}, "acts": []}}]
    for document in documents:
        assert applies(document, "anything", {})


def test_of_several_policies_all_hold_and_the_largest_quorum_counts():
    first, second = document_parse(CHAMPION), document_parse(
        "name: also\nrules: [{id: card, title: The card is there, require: 'has(facts.card)'}]\n"
        "approvals: [{role: approver, quorum: 2}, {role: maintainer, quorum: 1}]\n"
    )  # fmt: skip
    texts = [PolicyText(each["name"], document_digest(each), each) for each in (first, second)]
    facts = {"evidence": {"artifact_scan": {"outcome": "fail"}}, "metrics": {"auc": 0.9}}
    found = evaluate(facts=facts, risk_tier="", policies=texts, waivers=[])
    assert [(check["policy"], check["rule"], check["outcome"]) for check in found.checks] == [
        ("also", "card", "fail"), ("champion", "scan-clean", "fail"), ("champion", "auc", "pass"),
    ]  # fmt: skip
    assert found.needed == ({"role": "approver", "quorum": 2}, {"role": "maintainer", "quorum": 1})
    assert evaluate(facts=facts, risk_tier="", policies=texts[::-1], waivers=[]) == found
    waived = evaluate(
        facts=facts, risk_tier="high", policies=texts, waivers=[WaiverFact("w", "champion", "scan-clean")]
    )
    assert [check["outcome"] for check in waived.checks] == ["fail", "waived", "pass"]
    assert (waived.waivers, waived.passed) == (("w",), False)

"""Stored evaluations give the same answer again, byte for byte, whatever the facts were; a changed one is found."""

import json
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.models import GateEvaluation
from compliance.selectors.replay import evaluation_replay
from compliance.services.gate import assess, evaluation_store
from portal.accounts.actor import Actor
from tests.compliance import gated
from tests.compliance.scenery import policy_put

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
RULES = """
name: odd
rules:
  - {id: a, title: A, require: facts.x + 1.0 > 2.0}
  - {id: b, title: B, require: facts.x > 0}
  - {id: c, title: C, require: facts.x == facts.y}
  - {id: d, title: D, require: 'facts.list.exists(v, v == facts.x)'}
"""
NUMBERS = st.floats() | st.integers(-(2**70), 2**70) | st.just(1e16) | st.just(-0.0) | st.just(2**53 + 1)


@example(x=sys.float_info.max, y=-sys.float_info.max, values=[2**1024, 9e307])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=NUMBERS | st.text(max_size=5) | st.none(), y=NUMBERS, values=st.lists(NUMBERS, max_size=4))
def test_any_facts_replay_after_postgresql_has_kept_them(gated_act, workspace, monkeypatch, x, y, values):
    policy_put(workspace, RULES.replace("odd", f"odd{GateEvaluation.objects.count()}"))
    gated.subject_put(workspace.pk)
    proposal = gated.propose("v1", {"target": "champion"})
    object.__setattr__(proposal, "facts", {"x": x, "y": y, "list": values})
    stored = evaluation_store(assess(proposal), actor=Actor.system("t", actions=[]))
    assert evaluation_replay(GateEvaluation.objects.get(pk=stored.pk)).is_equal


def test_it_replays_after_policies_and_waivers_have_gone_on(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    evaluation = asked().evaluation
    policy_put(workspace, RULES.replace("name: odd", "name: champion"))
    call_command("gate_replay", str(evaluation.pk))
    assert evaluation_replay(evaluation).is_equal


def test_an_evaluation_that_somebody_changed_is_found(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    evaluation = asked().evaluation
    for column, value in (
        ("facts", {**evaluation.facts, "metrics": {"auc": 0.1}}),
        ("checks", [{**evaluation.checks[0], "outcome": "fail"}, *evaluation.checks[1:]]),
    ):
        before = getattr(evaluation, column)
        _forge(evaluation, column, value)
        with pytest.raises(CommandError, match="differ"):
            call_command("gate_replay")
        _forge(evaluation, column, before)
    call_command("gate_replay")


def _forge(evaluation, column, value):
    """As the owner of the tables could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE compliance_gateevaluation DISABLE TRIGGER compliance_gateevaluation_no_change"
        )
        cursor.execute(
            f"UPDATE compliance_gateevaluation SET {column} = %s::jsonb WHERE id = %s",
            [json.dumps(value), evaluation.pk],
        )
        cursor.execute(
            "ALTER TABLE compliance_gateevaluation ENABLE ALWAYS TRIGGER compliance_gateevaluation_no_change"
        )

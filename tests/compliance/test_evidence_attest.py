"""Evidence that a person states."""

import datetime as dt

import pytest

from compliance.evidence_kinds import OBSERVED, STATED
from compliance.gates import Subject
from compliance.models import Evidence
from compliance.services.evidence import Statement, evidence_attest
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, NotFound, PermissionDenied, TooLarge
from tests.audit.events import recorded

ATTEST = "compliance.evidence.attest"


@pytest.fixture
def attest(workspace, acting):
    subject = Subject("modelversion", "7", "fraud v7", workspace.pk, "a" * 64)

    def attest(user, *, expires_at=None, **given):
        said = {
            "kind": "evaluation",
            "outcome": "pass",
            "summary": "Checked on March data.",
            "body": {"auc": 0.9},
        }
        return evidence_attest(
            actor=acting(user), subject=subject, statement=Statement(**(said | given)), expires_at=expires_at
        )

    return attest


def test_a_contributor_states_what_they_found(attest, cora):
    made = attest(cora, expires_at=now() + dt.timedelta(days=30))
    assert (made.kind, made.outcome, made.body, made.subject_digest) == (
        "evaluation", "pass", {"auc": 0.9}, "a" * 64
    )  # fmt: skip
    assert (made.actor, made.source) == (f"user:{cora.pk}", "stated by cora")
    assert recorded() == [(ATTEST, "done")]


@pytest.mark.parametrize("who", ["bob", "dia", "aude", "olga"])
def test_others_do_not(attest, request, who):
    with pytest.raises(PermissionDenied):
        attest(request.getfixturevalue(who))
    assert recorded() == [(ATTEST, "denied")]
    assert not Evidence.objects.exists()


def test_an_outsider_learns_nothing(attest, cleo):
    with pytest.raises(NotFound):
        attest(cleo)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("kind", sorted(OBSERVED))
def test_nobody_states_what_only_the_portal_records(attest, ann, kind):
    with pytest.raises(InvalidInput, match="recorded by the portal itself"):
        attest(ann, kind=kind)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"kind": "hearsay"}, InvalidInput),
        ({"outcome": "great"}, InvalidInput),
        ({"summary": "  "}, InvalidInput),
        ({"summary": "x" * 1001}, InvalidInput),
        ({"body": {"text": "x" * 70_000}}, TooLarge),
        ({"expires_at": now() - dt.timedelta(days=1)}, InvalidInput),
    ],
)
def test_bad_statements_are_refused(attest, cora, given, error):
    with pytest.raises(error):
        attest(cora, **given)
    assert not Evidence.objects.exists()


def test_no_kind_is_both_stated_and_observed():
    assert STATED.isdisjoint(OBSERVED)

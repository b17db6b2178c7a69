"""Access reviews: every grant with its origin, decided by somebody else, and closed when nothing is left."""

import pytest

from compliance.models import AccessReview, Evidence
from compliance.reviewing import grant_decide
from compliance.selectors.grants import grants_of
from compliance.services.access_reviews import (
    access_review_complete,
    access_review_decide,
    access_review_start,
)
from portal.accounts.models import Membership
from portal.accounts.services.memberships import membership_add, membership_remove
from portal.audit.models import AuditDetail, AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.api.conftest import ApiClient
from tests.audit.events import recorded


@pytest.fixture
def review(workspace, ann, bob, acting, olga):
    return access_review_start(actor=acting(olga), workspace=workspace)


def decide(review, actor, user, role, decision="keep"):
    return grant_decide(actor=actor, review=review, user=user, role=role, decision=decision)


def test_grants_say_since_when_and_by_whom(workspace, ann, acting, cleo):
    held = membership_add(actor=acting(ann), workspace=workspace, user=cleo, role="viewer")
    by_name = {(grant.username, grant.role): grant for grant in grants_of(workspace)}
    grant = by_name["cleo", "viewer"]
    event = AuditEvent.objects.get(action="accounts.membership.add")
    assert (grant.granted_by, grant.event) == ("ann", str(event.uuid))
    assert grant.since >= held.created_at.isoformat()
    assert (by_name["ann", "maintainer"].granted_by, by_name["ann", "maintainer"].event) == ("unknown", "")
    AuditDetail.objects.all().delete()
    assert {grant.granted_by for grant in grants_of(workspace)} == {"unknown"}


def test_duties_of_two_held_by_one_are_flagged(workspace, ann, robot, bob, aude, olga):
    for user, role in ((ann, "approver"), (robot, "approver"), (aude, "contributor"), (olga, "maintainer")):
        Membership.objects.create(workspace=workspace, user=user, role=role)
    bob.is_active = False
    bob.save()
    flags = {grant.username: grant.flags for grant in grants_of(workspace)}
    assert "makes and approves: one person holds both duties" in flags["ann"]
    assert "a service account cannot approve" in flags["robot"]
    assert flags["bob"] == ["the account is deactivated"]
    assert flags["aude"] == ["an auditor holds a role that works here"]
    assert flags["olga"] == ["runs the portal and decides here"]


def test_from_start_to_statement(review, workspace, acting, ann, bob, olga):
    assert [(entry["username"], entry["decision"]) for entry in review.entries] == [("ann", ""), ("bob", "")]
    decide(review, acting(olga), ann, "maintainer")
    with pytest.raises(Conflict) as no:
        access_review_complete(actor=acting(ann), review=review, statement="fine")
    assert no.value.code == "undecided"
    decide(review, acting(ann), bob, "viewer", "remove")
    assert not Membership.objects.filter(user=bob).exists()
    done = access_review_complete(actor=acting(ann), review=review, statement="One grant was stale.")
    assert (done.completed_by, done.statement) == (ann, "One grant was stale.")
    evidence = Evidence.objects.get(kind="access_review")
    assert (evidence.subject_type, evidence.outcome, evidence.body["removed"]) == ("workspace", "pass", 1)
    assert ("accounts.membership.remove", "done") in recorded()
    with pytest.raises(Conflict):
        decide(review, acting(olga), ann, "maintainer")


def test_nobody_decides_about_their_own(review, acting, ann):
    with pytest.raises(PermissionDenied) as no:
        decide(review, acting(ann), ann, "maintainer", "remove")
    assert no.value.code == "own_grant"
    assert Membership.objects.filter(user=ann).exists()


def test_what_was_to_go_and_stays_keeps_it_open(review, acting, ann, bob, olga):
    decide(review, acting(olga), ann, "maintainer")
    access_review_decide(actor=acting(olga), review=review, user_id=bob.pk, role="viewer", decision="remove")
    with pytest.raises(Conflict) as no:
        access_review_complete(actor=acting(olga), review=review, statement="fine")
    assert no.value.code == "not_removed"


def test_a_grant_that_came_since_is_decided_too(review, workspace, acting, ann, bob, cora, olga):
    decide(review, acting(olga), ann, "maintainer")
    decide(review, acting(olga), bob, "viewer")
    with pytest.raises(Conflict):
        access_review_complete(actor=acting(olga), review=review, statement="fine")
    decide(review, acting(olga), cora, "contributor")
    done = access_review_complete(actor=acting(olga), review=review, statement="fine")
    assert len(done.entries) == 3


def test_a_grant_that_went_meanwhile_is_settled(review, workspace, acting, ann, bob, olga):
    decide(review, acting(olga), ann, "maintainer")
    membership_remove(actor=acting(ann), workspace=workspace, user=bob, role="viewer")
    done = access_review_complete(actor=acting(olga), review=review, statement="fine")
    assert {entry["username"]: entry["decision"] for entry in done.entries} == {
        "ann": "keep",
        "bob": "remove",
    }


def test_killed_between_removal_and_decision_it_is_finished_later(review, workspace, acting, bob, olga):
    membership_remove(actor=acting(olga), workspace=workspace, user=bob, role="viewer")
    done = decide(review, acting(olga), bob, "viewer", "remove")
    assert next(entry for entry in done.entries if entry["username"] == "bob")["decision"] == "remove"


def test_one_at_a_time_and_only_for_grants(review, workspace, acting, ann, cleo, olga):
    with pytest.raises(Conflict):
        access_review_start(actor=acting(ann), workspace=workspace)
    with pytest.raises(NotFound):
        decide(review, acting(olga), cleo, "viewer", "remove")
    with pytest.raises(InvalidInput):
        decide(review, acting(olga), ann, "maintainer", "perhaps")
    with pytest.raises(InvalidInput):
        access_review_complete(actor=acting(olga), review=review, statement=" ")


@pytest.mark.parametrize("who", ["bob", "cora", "dia", "aude"])
def test_others_review_nothing(request, workspace, acting, who):
    with pytest.raises(PermissionDenied):
        access_review_start(actor=acting(request.getfixturevalue(who)), workspace=workspace)
    assert not AccessReview.objects.exists()


def test_over_the_api(fresh_cache, token_for, ann, bob, olga, aude, workspace):
    mine = ApiClient(token_for(ann))
    made = mine.post("access-reviews", {"workspace": "credit"})
    assert made.status_code == 201, made.content
    path = f"access-reviews/{made.json()['id']}"
    assert ApiClient(token_for(bob)).get(path).status_code == 404
    assert ApiClient(token_for(aude)).get(path).json()["entries"][0]["username"] == "ann"
    wish = {"username": "bob", "role": "viewer", "decision": "remove"}
    assert ApiClient(token_for(aude)).post(f"{path}/decisions", wish).status_code == 403
    assert mine.post(f"{path}/decisions", wish).status_code == 201
    own = mine.post(f"{path}/decisions", wish | {"username": "ann", "role": "maintainer", "decision": "keep"})
    assert (own.status_code, own.json()["code"]) == (403, "own_grant")
    theirs = ApiClient(token_for(olga))
    theirs.post(f"{path}/decisions", {"username": "ann", "role": "maintainer", "decision": "keep"})
    done = theirs.post(f"{path}/completions", {"statement": "One grant was stale."})
    assert (done.status_code, done.json()["completed_by"]) == (201, "olga")
    assert mine.get("access-reviews", {"workspace": "credit"}).json()["items"][0]["statement"]

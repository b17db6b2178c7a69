"""Conducting an access review in the browser."""

import pytest
from django.test import Client
from django.urls import reverse

from compliance.models import AccessReview, Evidence
from portal.accounts.models import Membership

LIST = "/access-reviews"


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def review(workspace, ann, bob, cora, dia) -> AccessReview:
    client_of(ann).post(LIST, {"workspace": workspace.name})
    return AccessReview.objects.get()


def decide(person, review, username: str, role: str, decision: str) -> None:
    data = {"username": username, "role": role, "decision": decision, "reason": "left the team"}
    client_of(person).post(reverse("access-review-decide", args=[review.pk]), data)


def test_a_review_is_conducted_to_its_statement(review, workspace, ann, olga):
    client, address = client_of(ann), reverse("access-review", args=[review.pk])
    page = client.get(address).content.decode()
    assert "somebody else decides about you" in page
    assert "Keep bob as viewer" in page
    decide(ann, review, "bob", "viewer", "remove")
    assert not Membership.objects.filter(workspace=workspace, user__username="bob").exists()
    held = Membership.objects.filter(workspace=workspace).select_related("user")
    for each in held:
        decide(olga if each.user == ann else ann, review, each.user.username, each.role, "keep")
    assert "every grant is decided" in client.get(address).content.decode()
    finish = reverse("access-review-complete", args=[review.pk])
    assert "State what the review found" in client.post(finish, {}, follow=True).content.decode()
    client.post(finish, {"statement": "All is as it should be."})
    review.refresh_from_db()
    assert review.completed_by == ann
    assert Evidence.objects.filter(kind="access_review").count() == 1
    page = client.get(address).content.decode()
    assert "All is as it should be." in page
    assert "left the team" in page
    assert "Take viewer away" not in page


def test_a_grant_that_came_since_has_to_be_decided(review, workspace, ann, cleo):
    Membership.objects.create(workspace=workspace, user=cleo, role="viewer")
    page = client_of(ann).get(reverse("access-review", args=[review.pk])).content.decode()
    assert "new since" in page
    decide(ann, review, "cleo", "viewer", "keep")
    review.refresh_from_db()
    assert [each["decision"] for each in review.entries if each["username"] == "cleo"] == ["keep"]


def test_nobody_decides_about_themselves(review, ann):
    decide(ann, review, "ann", "maintainer", "keep")
    review.refresh_from_db()
    assert [each["decision"] for each in review.entries if each["username"] == "ann"] == [""]


def test_auditors_read_and_others_see_nothing(review, aude, bob, cora):
    address = reverse("access-review", args=[review.pk])
    page = client_of(aude).get(address).content.decode()
    assert "bob" in page
    assert "Keep bob" not in page
    for person in (bob, cora):
        assert client_of(person).get(address).status_code == 404
        decide(person, review, "dia", "approver", "remove")
    assert Membership.objects.filter(user__username="dia").exists()
    client_of(aude).post(LIST, {"workspace": "credit"})
    assert AccessReview.objects.count() == 1

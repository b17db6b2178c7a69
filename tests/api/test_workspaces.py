"""Workspaces and members over /api/v1/."""

from portal.accounts.models import Membership, Workspace
from tests.audit.events import recorded


def names(answer):
    return [item["name"] for item in answer.json()["items"]]


def test_everybody_lists_what_they_see(api, ann, cleo, olga):
    assert names(api(ann).get("workspaces")) == ["credit"]
    assert names(api(cleo).get("workspaces")) == ["other"]
    assert sorted(names(api(olga).get("workspaces"))) == ["credit", "other"]


def test_not_visible_reads_as_not_there(api, cleo, workspace):
    hidden, missing = api(cleo).get("workspaces/credit"), api(cleo).get("workspaces/nowhere")
    assert hidden.status_code == missing.status_code == 404
    told = [{**answer.json(), "request_id": ""} for answer in (hidden, missing)]
    told[0]["detail"] = told[0]["detail"].replace("credit", "nowhere")
    assert told[0] == told[1]


def test_an_operator_makes_one(api, olga):
    answer = api(olga).post("workspaces", {"name": "fraud"})
    assert answer.status_code == 201
    assert answer.json()["name"] == "fraud"
    assert answer.headers["ETag"]


def test_a_member_does_not(api, ann):
    answer = api(ann).post("workspaces", {"name": "fraud"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"
    assert not Workspace.objects.filter(name="fraud").exists()


def test_an_edit_names_the_version_that_it_builds_on(api, ann):
    seen = api(ann).get("workspaces/credit").headers["ETag"]
    first = api(ann).patch("workspaces/credit", {"description": "Loans"}, If_Match=seen)
    assert (first.status_code, first.json()["description"]) == (200, "Loans")
    second = api(ann).patch("workspaces/credit", {"description": "Mine"}, If_Match=seen)
    assert (second.status_code, second.json()["code"]) == (409, "stale")
    assert (
        api(ann).patch("workspaces/credit", {"description": "x"}, If_Match=first.headers["ETag"]).status_code
        == 200
    )


def test_members_come_and_go(api, ann, cleo, workspace):
    added = api(ann).post("workspaces/credit/members", {"username": "cleo", "role": "viewer"})
    assert (added.status_code, added.json()["username"], added.json()["role"]) == (201, "cleo", "viewer")
    listed = api(ann).get("workspaces/credit/members").json()["items"]
    assert {(item["username"], item["role"]) for item in listed} == {
        ("ann", "maintainer"),
        ("cleo", "viewer"),
    }
    assert api(ann).delete("workspaces/credit/members/cleo/roles/viewer").status_code == 204
    assert not Membership.objects.filter(workspace=workspace, user=cleo).exists()


def test_refusals_have_stable_codes(api, ann, bob):
    again = api(ann).post("workspaces/credit/members", {"username": "bob", "role": "viewer"})
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    last = api(ann).delete("workspaces/credit/members/ann/roles/maintainer")
    assert (last.status_code, last.json()["code"]) == (409, "conflict")
    wrong = api(ann).post("workspaces/credit/members", {"username": "bob", "role": "owner"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_input")
    assert "role" in wrong.json()["fields"]


def test_outsiders_reach_no_members(api, cleo, bob):
    assert api(cleo).get("workspaces/credit/members").status_code == 404
    assert (
        api(cleo).post("workspaces/credit/members", {"username": "cleo", "role": "viewer"}).status_code == 404
    )
    assert api(cleo).delete("workspaces/credit/members/bob/roles/viewer").status_code == 404


def test_pages_continue_by_cursor(api, olga):
    Workspace.objects.bulk_create([Workspace(name=f"w{number}") for number in range(5)])
    found, cursor = [], None
    while True:
        page = api(olga).get("workspaces", {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["items"]) <= 2
        found += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ["w4", "w3", "w2", "w1", "w0"]


def test_who_may_not_change_roles_learns_no_names(api, bob, ann, cleo):
    caller = api(bob)
    answers = [
        caller.post("workspaces/credit/members", {"username": name, "role": "viewer"})
        for name in ("cleo", "nobody")
    ]
    answers += [
        caller.delete(f"workspaces/credit/members/{name}/roles/maintainer") for name in ("ann", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert (
        recorded(outcome="denied")
        == [("accounts.membership.add", "denied")] * 2 + [("accounts.membership.remove", "denied")] * 2
    )

"""What an alias meant on a day in the past: from dated rows, the same whenever it is asked."""

import datetime as dt

import pytest
from django.test import Client

from compliance.models import Decision, Evidence
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, NotFound
from registry.intervals import alias_current, interval_move
from registry.models import Assignment, ModelCard, RegisteredModel, SystemModel
from registry.selectors import point_in_time
from registry.selectors.point_in_time import Placement, model_at, moment_of, name_parse, placements_declare
from tests.registry.graphs import Made, experiment_of
from tests.web.governed import approval_row, request_row, system_row

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def day(number):
    return START + dt.timedelta(days=number)


@pytest.fixture
def made(experiment):
    return Made(experiment)


@pytest.fixture
def past(made):
    """champion: v1 from day 0, v2 from day 10, nothing from day 20, v1 again from day 30 on."""
    loans = made.dataset()
    first, second = made.version(made.model(made.run(loans))), made.version()
    RegisteredModel.objects.filter(pk=first.model_id).update(
        creation_timestamp=int(day(-5).timestamp() * 1000)
    )
    made.point(first, valid_from=day(0), valid_to=day(10))
    made.point(second, valid_from=day(10), valid_to=day(20))
    made.point(first, valid_from=day(30))
    return first, second


def held_at(model, at, **what):
    moment = moment_of(model, **{"kind": "alias", "name": "champion", **what}, at=at)
    return [held.version.version for held in moment.held]


@pytest.mark.parametrize(
    ("at", "wanted"),
    [(-1, []), (0, [1]), (9.999, [1]), (10, [2]), (19.9, [2]), (20, []), (29, []), (30, [1]), (90, [1])],
)
def test_the_version_that_it_meant(past, at, wanted):
    assert held_at(past[0].model, day(at)) == wanted


def test_moves_with_a_clock_that_goes_backwards_leave_no_hole(made, acting, ann, monkeypatch):
    versions = [made.version() for _ in range(4)]
    model, moments = versions[0].model, [day(0), day(3), day(1), day(2)]
    for version, at in zip(versions, moments, strict=True):
        monkeypatch.setattr("registry.intervals.now", lambda at=at: at)
        interval_move(
            acting(ann), alias_current(model, "champion"), version, kind="alias", name="champion", reason=""
        )
    rows = list(Assignment.objects.filter(model=model).order_by("id"))
    assert all(row.valid_to is None or row.valid_to >= row.valid_from for row in rows)
    assert [row.valid_to for row in rows[:-1]] == [row.valid_from for row in rows[1:]]
    assert held_at(model, day(2)) == [1]
    assert held_at(model, day(3)) == [4]
    assert held_at(model, day(9)) == [4]


def test_a_stage_may_hold_several(made):
    first, second = made.version(), made.version()
    made.point(first, "Production", kind="stage", valid_from=day(0))
    made.point(second, "Production", kind="stage", valid_from=day(1))
    assert held_at(first.model, day(2), kind="stage", name="Production") == [2, 1]


def evidence(version, kind, at, *, outcome="pass", digest=None):
    return Evidence.objects.create(
        workspace=version.workspace, subject_type="modelversion", subject_id=version.pk.hex, subject_label="v",
        subject_digest=version.digest if digest is None else digest, kind=kind, outcome=outcome, digest="c" * 64,
        source="test", actor="system:test", recorded_at=at,
    )  # fmt: skip


def test_all_that_was_known_then_and_nothing_that_came_later(past, made, cora, dia):
    first, _ = past
    scan = evidence(first, "artifact_scan", day(-1))
    evidence(first, "artifact_scan", day(5), outcome="fail")
    evidence(first, "artifact_scan", day(4))  # came in late, of what had been looked at before
    evidence(first, "signature", day(-1), digest="0" * 64)
    evidence(first, "evaluation", day(6))
    for number, at in ((1, day(-2)), (2, day(5))):
        ModelCard.objects.create(
            workspace=first.workspace,
            version=first,
            number=number,
            content={},
            digest=f"{number}" * 64,
            created_at=at,
        )
    moment = moment_of(first.model, kind="alias", name="champion", at=day(1))
    (held,) = moment.held
    assert held.evidence == [scan]
    assert held.card.number == 1
    assert [(each.dataset.name, each.dataset.digest) for each in held.datasets] == [("loans", "9f2c1e00")]
    assert held.unknown == ["The move stands under no approval."]
    (later,) = moment_of(first.model, kind="alias", name="champion", at=day(7)).held
    assert {each.kind: each.outcome for each in later.evidence} == {
        "artifact_scan": "fail",
        "evaluation": "pass",
    }
    assert later.card.number == 2


def test_who_approved_it_and_whether_the_approval_held(made, ann, bob, cora, dia):
    version = made.version()
    approval = approval_row(
        request_row(version, cora, state="approved", closed_at=day(0)), state="revoked", ended_at=day(5)
    )
    for person, verdict, at in ((dia, "approve", day(0)), (ann, "reject", day(0))):
        Decision.objects.create(
            request=approval.request, workspace=version.workspace, round=1, person=person, role="approver",
            verdict=verdict, subject_digest=version.digest, evidence_digest="f" * 64, reauthenticated_at=at,
            decided_at=at,
        )  # fmt: skip
    made.point(version, valid_from=day(0), valid_to=day(5), approval=approval)
    (held,) = moment_of(version.model, kind="alias", name="champion", at=day(4)).held
    assert held.approval.state == "effective"
    assert [each.person.username for each in held.approval.decisions] == ["dia"]

    client = Client()
    client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    path = f"/models/credit/{version.model.name}/at"
    page = client.get(path, {"alias": "champion", "at": day(4).isoformat()}).content.decode()
    for said in (
        "<dt>dia</dt>",
        "approver",
        "effective",
        "unknown: the version names no run",
        "nowhere at that time",
    ):
        assert said in page
    assert "<dt>ann</dt>" not in page


def test_the_systems_that_used_it_then(past, ann, workspace):
    first, _ = past
    system = system_row(workspace, ann)
    SystemModel.objects.create(
        workspace=workspace,
        system=system,
        model=first.model,
        alias="champion",
        valid_from=day(1),
        valid_to=day(2),
    )
    assert [[each.system for each in held.systems] for held in _held(first, 1)] == [[system]]
    assert [held.systems for held in _held(first, 3)] == [[]]


def _held(version, at):
    return moment_of(version.model, kind="alias", name="champion", at=day(at)).held


def test_an_app_that_deploys_says_where_it_served(past, monkeypatch):
    monkeypatch.setattr(point_in_time, "PLACEMENTS", [])
    placements_declare(lambda version, at: [Placement("prod", "cluster-1", day(0), None)])
    (held,) = _held(past[0], 1)
    assert [each.target for each in held.placements] == ["cluster-1"]
    assert "No deployments" not in " ".join(held.unknown)


def test_a_name_that_was_given_again_means_the_model_of_that_time(past, made, acting, bob):
    old = past[0].model
    RegisteredModel.objects.filter(pk=old.pk).update(deleted_at=day(50))
    new = RegisteredModel.objects.create(
        workspace=old.workspace, name=old.name, creation_timestamp=int(day(60).timestamp() * 1000),
        last_updated_timestamp=1,
    )  # fmt: skip
    actor = acting(bob)
    assert model_at(actor, workspace="", name="fraud", at=day(1)) == old
    assert model_at(actor, workspace="credit", name="fraud", at=day(70)) == new


def test_two_workspaces_with_the_same_name_must_be_told_apart(past, other, acting, aude, bob):
    Made(experiment_of(other, "theirs")).version()
    RegisteredModel.objects.update(creation_timestamp=1)
    with pytest.raises(InvalidInput, match="credit, other"):
        model_at(acting(aude), workspace="", name="fraud", at=now())
    assert model_at(acting(aude), workspace="other", name="fraud", at=now()).workspace == other
    assert model_at(acting(bob), workspace="", name="fraud", at=now()) == past[0].model


def test_strangers_and_the_future_get_no_answer(past, acting, cleo):
    with pytest.raises(NotFound):
        model_at(acting(cleo), workspace="credit", name="fraud", at=day(1))
    with pytest.raises(InvalidInput, match="still to come"):
        moment_of(past[0].model, kind="alias", name="champion", at=now() + dt.timedelta(days=1))
    for given in ({}, {"alias": "a", "stage": "b"}):
        with pytest.raises(InvalidInput):
            name_parse(**given)


def test_the_api(past, bob, cleo, token_for):
    def get(user, **query):
        api = Client(headers={"Authorization": f"Bearer {token_for(user, scope='read')}"})
        return api.get("/api/v1/registered-models/fraud/history", query)

    body = get(bob, alias="champion", at="2026-03-12").json()
    assert [held["interval"]["version"] for held in body["held"]] == [2]
    assert body["held"][0]["unknown"][0] == "The version names no run, so the data behind it is unknown."
    assert [each["version"] for each in body["intervals"]] == [1, 2, 1]
    first = get(bob, alias="champion", at="2026-03-05T00:00:00Z").json()["held"][0]
    assert first["datasets"][0]["digest"] == "9f2c1e00"
    assert first["interval"]["digest"] == past[0].digest
    assert get(bob, alias="champion").json()["held"][0]["interval"]["valid_to"] is None
    assert get(bob).status_code == 400
    assert get(bob, alias="champion", at="yesterday").status_code == 400
    assert get(cleo, alias="champion").status_code == 404

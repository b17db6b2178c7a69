"""Legal hold: placed and released for a reason, and nothing under it can be deleted or erased."""

import pytest

from compliance.models import LegalHold, Notice
from compliance.services.audit_log import EventDetail, detail_erase
from compliance.services.holds import HeldThing, hold_check, hold_place, hold_release
from experiments.models import Run
from experiments.selectors.artifacts import run_place
from experiments.services.artifacts import artifact_delete
from experiments.services.experiments import experiment_delete
from experiments.services.runs import run_delete
from portal.audit.models import AuditDetail, AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from portal.kernel.ids import uuid7
from registry.models import RegisteredModel
from registry.services.models import model_delete
from tests.api.conftest import ApiClient
from tests.audit.events import recorded


@pytest.fixture
def run(experiment, cora):
    return Run.objects.create(
        workspace=experiment.workspace, experiment=experiment, name="r", user_name="cora", status="FINISHED",
        start_time=1, artifact_uri="mlflow-artifacts:/credit/scoring/r", created_by=cora,
    )  # fmt: skip


@pytest.fixture
def hold(acting, ann, workspace):
    def place(subject_type, subject_id, *, actor=None, label="fraud"):
        thing = HeldThing(workspace.pk, subject_type, str(subject_id), label)
        return hold_place(actor=actor or acting(ann), thing=thing, reason="case 17")

    return place


@pytest.mark.parametrize("on", ["run", "experiment", "workspace"])
def test_a_run_is_kept_by_what_it_is_in(hold, run, acting, cora, workspace, on):
    hold(on, {"run": run.pk, "experiment": run.experiment_id, "workspace": workspace.pk}[on])
    with pytest.raises(PolicyViolation) as no:
        run_delete(actor=acting(cora), run=run)
    assert no.value.code == "legal_hold"
    assert "fraud" in no.value.detail
    run.refresh_from_db()
    assert run.lifecycle_stage == "active"
    assert recorded()[-1] == ("experiments.run.delete", "refused")


def test_a_held_run_keeps_its_experiment(hold, run, experiment, acting, ann):
    made = hold("run", run.pk)
    with pytest.raises(PolicyViolation):
        experiment_delete(actor=acting(ann), experiment=experiment)
    hold_release(actor=acting(ann), hold=made, reason="closed")
    experiment_delete(actor=acting(ann), experiment=experiment)


def test_another_run_is_not_kept(hold, run, acting, cora):
    hold("run", uuid7())
    run_delete(actor=acting(cora), run=run)


def test_a_registered_model_is_kept(hold, workspace, acting, ann):
    model = RegisteredModel.objects.create(
        workspace=workspace, name="fraud", creation_timestamp=1, last_updated_timestamp=1
    )
    made = hold("registeredmodel", model.pk)
    with pytest.raises(PolicyViolation):
        model_delete(actor=acting(ann), model=model)
    hold_release(actor=acting(ann), hold=made, reason="closed")
    model_delete(actor=acting(ann), model=model)


def test_the_words_of_an_event_are_kept(hold, run, acting, cora, olga):
    run_delete(actor=acting(cora), run=run)
    event = AuditEvent.objects.get(action="experiments.run.delete")
    hold("auditevent", event.uuid)
    detail = EventDetail(event.uuid, event.workspace_id)
    with pytest.raises(PolicyViolation):
        detail_erase(actor=acting(olga), detail=detail, reason="request 4")
    assert AuditDetail.objects.filter(event=event).exists()
    LegalHold.objects.all().delete()
    hold("run", run.pk)
    with pytest.raises(PolicyViolation):
        detail_erase(actor=acting(olga), detail=detail, reason="request 4")


def test_it_is_placed_once_and_released_once(hold, run, acting, ann, olga):
    made = hold("run", run.pk.hex)
    assert (made.subject_id, made.placed_by) == (run.pk.hex, ann)
    with pytest.raises(Conflict):
        hold("run", str(run.pk))
    with pytest.raises(InvalidInput):
        hold_release(actor=acting(olga), hold=made, reason=" ")
    released = hold_release(actor=acting(olga), hold=made, reason="closed")
    assert released.released_by == olga
    with pytest.raises(Conflict):
        hold_release(actor=acting(ann), hold=made, reason="again")
    hold("run", run.pk)
    assert sorted(Notice.objects.values_list("topic", flat=True)) == [
        "hold.placed",
        "hold.placed",
        "hold.released",
    ]


@pytest.mark.parametrize(
    ("kind", "pk"), [("run", "not-a-uuid"), ("house", "1"), ("workspace", "999999"), ("experiment", " ")]
)
def test_what_cannot_be_held(hold, kind, pk):
    with pytest.raises(InvalidInput):
        hold(kind, pk)
    assert not LegalHold.objects.exists()


@pytest.mark.parametrize("who", ["bob", "cora", "dia", "aude"])
def test_others_place_none(request, hold, run, acting, who):
    with pytest.raises(PermissionDenied):
        hold("run", run.pk, actor=acting(request.getfixturevalue(who)))
    assert recorded() == [("compliance.hold.place", "denied")]


def test_outsiders_learn_nothing(hold, run, acting, cleo):
    with pytest.raises(NotFound):
        hold("run", run.pk, actor=acting(cleo))


def test_an_artifact_of_what_is_held_is_not_deleted(hold, run, acting, ann):
    place = run_place(run, "plot.png")
    hold("experiment", run.experiment_id)
    with pytest.raises(PolicyViolation) as no:
        artifact_delete(actor=acting(ann), owner=run, place=place)
    assert no.value.code == "legal_hold"
    assert recorded()[-1] == ("experiments.artifact.delete", "refused")


def test_nothing_held_holds_nothing(workspace):
    hold_check(workspace_id=workspace.pk, subjects=[("run", uuid7())], what="x")
    hold_check(workspace_id=None, subjects=[], what="x")


def test_over_the_api(fresh_cache, token_for, ann, bob, cleo, run):
    wish = {
        "workspace": "credit", "subject_type": "run", "subject_id": run.pk.hex, "subject_label": "run r",
        "reason": "case 17",
    }  # fmt: skip
    made = ApiClient(token_for(ann)).post("legal-holds", wish)
    assert made.status_code == 201, made.content
    assert [each["id"] for each in ApiClient(token_for(bob)).get("legal-holds").json()["items"]] == [
        made.json()["id"]
    ]
    assert ApiClient(token_for(cleo)).get("legal-holds").json()["items"] == []
    path = f"legal-holds/{made.json()['id']}/releases"
    assert ApiClient(token_for(bob)).post(path, {"reason": "x"}).status_code == 403
    assert ApiClient(token_for(ann)).post(path, {"reason": "closed"}).json()["released_by"] == "ann"
    classes = ApiClient(token_for(bob)).get("retention-classes").json()["items"]
    assert {each["name"]: each["days"] for each in classes}["decisions"] == 3650

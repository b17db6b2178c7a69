"""Runs under a legal hold stay as they are where an import would hide or delete them."""

from collections.abc import Callable

import pytest
from django.db import transaction

from compliance.models import LegalHold
from experiments.artifacts.locations import run_location
from experiments.models import Experiment, Run
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from portal.kernel.ids import uuid7
from tests.audit.events import detail_of
from transfer.models import IN, MLFLOW, Origin, Peer
from transfer.services.half_runs import SET_ASIDE, half_runs, half_runs_set_aside
from transfer.services.runs import IMPORT, runs_finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(workspace: Workspace) -> Peer:
    return Peer.objects.create(workspace=workspace, direction=IN, kind=MLFLOW, address="http://stock")


@pytest.fixture
def origins(peer: Peer, experiment: Experiment) -> list[Origin]:
    """Of two runs that came in part."""
    return [_came(peer, experiment, name) for name in ("held", "free")]


def _came(peer: Peer, experiment: Experiment, name: str) -> Origin:
    run_id = uuid7()
    run = Run.objects.create(
        id=run_id, experiment=experiment, workspace=experiment.workspace, name=name, status="FINISHED",
        start_time=1_000, artifact_uri=run_location(experiment.workspace_id, experiment.pk, run_id),
    )  # fmt: skip
    return Origin.objects.create(peer=peer, kind="run", there=name, here=run.pk.hex, seen={"stage": "active"})


def _hold(kind: str, of: Origin, experiment: Experiment, by: User) -> LegalHold:
    subject = {"run": of.here, "experiment": experiment.pk, "workspace": experiment.workspace_id}[kind]
    return LegalHold.objects.create(
        workspace=experiment.workspace, subject_type=kind, subject_id=str(subject), subject_label="it", reason="case 7",
        placed_by=by,
    )  # fmt: skip


def _stages() -> dict[str, str]:
    return dict(Run.objects.values_list("name", "lifecycle_stage"))


@pytest.mark.parametrize(
    ("kind", "stages"),
    [
        ("run", {"held": "active", "free": "deleted"}),
        ("experiment", {"held": "active", "free": "active"}),
        ("workspace", {"held": "active", "free": "active"}),
    ],
)
def test_a_run_that_came_in_part_is_not_set_aside(
    kind: str, stages: dict[str, str], origins: list[Origin], peer: Peer, experiment: Experiment, ann: User,
    acting: Callable[[User], Actor],
) -> None:  # fmt: skip
    hold = _hold(kind, origins[0], experiment, ann)
    actor = acting(ann).limited_to(SET_ASIDE)
    with transaction.atomic():
        half_runs_set_aside(actor=actor, peer=peer)
    assert _stages() == stages
    event = AuditEvent.objects.get(action=SET_ASIDE, outcome="done")
    gone = [origin.here for origin in origins if stages[origin.there] == "deleted"]
    assert detail_of(event)["changes"]["runs_set_aside"][1] == gone
    LegalHold.objects.filter(pk=hold.pk).update(released_at=now(), released_by=ann)
    with transaction.atomic():
        half_runs_set_aside(actor=actor, peer=peer)
    assert _stages() == {"held": "deleted", "free": "deleted"}
    assert not half_runs(peer).exists()


@pytest.mark.parametrize(
    ("kind", "kept"), [("run", {"held"}), ("experiment", {"held", "free"}), ("workspace", {"held", "free"})]
)
def test_a_run_that_is_deleted_at_the_source_is_not_deleted_here(
    kind: str, kept: set[str], origins: list[Origin], experiment: Experiment, ann: User,
    acting: Callable[[User], Actor],
) -> None:  # fmt: skip
    _hold(kind, origins[0], experiment, ann)
    runs = {run.pk: run for run in Run.objects.all()}
    found = runs_finish(
        actor=acting(ann), experiment=experiment, stages=dict.fromkeys(runs, "deleted"), origins=origins
    )
    assert {runs[run_id].name for run_id in found} == kept
    assert _stages() == {name: "active" if name in kept else "deleted" for name in ("held", "free")}
    after = detail_of(AuditEvent.objects.get(action=IMPORT, outcome="done"))["changes"]
    named = {run_id.hex: run.name for run_id, run in runs.items()}
    assert {named[each] for each in after["kept_on_hold"][1]} == kept
    assert {named[each] for each in after["deleted"][1]} == {"held", "free"} - kept

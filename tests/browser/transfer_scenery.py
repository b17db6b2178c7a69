"""What goes in and out: a dry run of a collection, an import with its report, a report of two versions, ROC curves."""

from typing import Any

from django.db import transaction

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Collection, Report, Run
from experiments.models.retention import DELETE, WOULD
from experiments.services import collections as acts
from experiments.services.reports import report_write
from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now

_MADE = {"experiments": 1, "runs": 12, "metric points": 240_000, "files": 31}
_LEFT = {"kind": "alias", "name": "broken of fraud", "why": "version 2 did not come: its files are missing"}


def transfer_make(ann: Actor, workspace: Workspace, report: Report, runs: list[Run]) -> dict[str, Any]:
    """Make them; the ids of the collection and the import."""
    report_write(actor=ann, report=report, expected_number=1, title="What we saw", body="Seen again.")
    for run, bend in ((runs[0], 2.0), (runs[-1], 4.0)):
        root, store = store_path(run.artifact_uri), artifact_store()
        points = [f"{n / 50},{1 - (1 - n / 50) ** bend}" for n in range(51)]
        store.put(f"{root}/roc.csv", ["\n".join(["fpr,tpr", *points]).encode()])
    store.put(f"{store_path(runs[0].artifact_uri)}/scores.csv", [b"id,score\n1,0.5\n2,0.7\n3,0.1\n"])
    return {"collection": str(_collection(workspace, runs[0]).pk), "import": str(_import(ann, workspace).pk)}


def _collection(workspace: Workspace, run: Run) -> Collection:
    actor = Actor.system("scenery", actions=[acts.RECORD, "experiments.collection.finish"])
    made = Collection.objects.create(workspace=workspace, is_dry_run=True, created_at=now())
    thing = acts.thing_of(made, run, DELETE, WOULD, "by the workspace: it ended more than 90 days ago")
    acts.collected_note(actor=actor, collection=made, things=[thing])
    with transaction.atomic():
        acts.collection_finish(actor=actor, collection=made)
    return made


def _import(ann: Actor, workspace: Workspace) -> JobRun:
    wish = {"kind": "server", "uri": "https://mlflow.example.org", "origin": "", "experiment": ""}
    result = {"made": _MADE, "changed": {}, "checked": {"runs": 12}, "left_out": [_LEFT], "left_out_count": 1,
              "wrong": [], "wrong_count": 0}  # fmt: skip
    return JobRun.objects.create(
        kind="transfer.import", key="scenery", workspace=workspace, args={"wish": wish}, state="done", max_attempts=1,
        result=result, actor=ann.reference, actor_name=ann.name, created_by_id=ann.user_id, finished_at=now(),
    )  # fmt: skip

"""What the browser tests look at: passwords for the people, experiments with runs, metrics, artifacts, notes.

Run as a program with the portal's environment; prints the ids that the tests need as JSON.
"""

import json
import math
import struct
import sys
import zlib

import django

django.setup()

from experiments.artifacts.locations import store_path  # noqa: E402 - needs the app registry
from experiments.artifacts.store import artifact_store  # noqa: E402
from experiments.batch import Batch, Metrics, Pairs  # noqa: E402
from experiments.models import Experiment, Run  # noqa: E402
from experiments.services.batches import batch_log, metrics_log  # noqa: E402
from experiments.services.experiments import experiment_create, experiment_delete  # noqa: E402
from experiments.services.reports import report_create  # noqa: E402
from experiments.services.runs import NewRun, run_create, run_tag_set, run_update  # noqa: E402
from portal.accounts.actor import Actor  # noqa: E402
from portal.accounts.models import User, Workspace  # noqa: E402
from portal.kernel.clock import now_ms  # noqa: E402
from tests.browser.governed_scenery import governed_make  # noqa: E402
from tests.browser.monitoring_scenery import monitoring_make  # noqa: E402
from tests.browser.scenery_names import PASSWORD, RUNS  # noqa: E402
from tests.browser.sweep_scenery import sweeps_make  # noqa: E402
from tests.browser.transfer_scenery import transfer_make  # noqa: E402

STEPS = 120
NOTE = "## Result\n\n**Good enough** to compare, see [the data](https://example.org).\n\n<script>alert(1)</script>"


def main() -> None:
    for user in User.objects.filter(is_service_account=False):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    ann = Actor.of_user(User.objects.get(username="ann"), request_id="scenery")
    workspace = Workspace.objects.get(name="credit")
    scoring = experiment_create(actor=ann, workspace=workspace, name="scoring")
    empty = experiment_create(actor=ann, workspace=workspace, name="untouched")
    gone = experiment_create(actor=ann, workspace=workspace, name="discarded")
    experiment_delete(actor=ann, experiment=gone)
    lending = experiment_create(actor=ann, workspace=workspace, name="lending")
    runs = [logged_run(ann, scoring, number) for number in range(RUNS)]
    newest = runs[-1]
    run_tag_set(actor=ann, run=newest, key="mlflow.note.content", value=NOTE)
    files_put(newest)
    address = f"/runs/compare?run={newest.pk.hex}&run={runs[0].pk.hex}"
    body = f"# Seen\n\n```runs\n{address}&show=charts\n```\n\n```runs\n{address}\n```\n"
    report = report_create(actor=ann, workspace=workspace, title="What we saw", body=body)
    found = {"report": str(report.pk), "experiment": scoring.pk}
    found |= {"empty": empty.pk, "run": newest.pk.hex, "spare": runs[0].pk.hex}
    found |= transfer_make(ann, workspace, report, runs)
    made = governed_make(lending) | sweeps_make(ann, workspace) | monitoring_make(ann, workspace)
    json.dump(found | made, sys.stdout)


def logged_run(ann: Actor, experiment: Experiment, number: int) -> Run:
    """A run with three curves, params and an end; every seventh failed."""
    start = now_ms() - (RUNS - number) * 3_600_000
    new = NewRun(
        name=f"run-{number:03}", user_name="ann", start_time=start, tags=[("mlflow.source.name", "train.py")]
    )
    run = run_create(actor=ann, experiment=experiment, new=new)
    points = [
        (key, value, start + step * 1000, step)
        for step in range(STEPS)
        for key, value in (
            ("loss", 2 * math.exp(-step / 40)),
            ("val/auc", 0.7 + number / 300 - 0.4 * math.exp(-step / 30)),
        )
    ]
    metrics_log(
        actor=ann, run_id=run.pk.hex, metrics=Metrics(*(list(column) for column in zip(*points, strict=True)))
    )
    accuracy = Metrics(["accuracy"], [0.6 + number / 200], [start], [0])
    params = Pairs(["lr", "depth"], [str(0.01 * (1 + number % 3)), str(3 + number % 4)])
    batch_log(actor=ann, run_id=run.pk.hex, batch=Batch(run.pk.hex, accuracy, params, Pairs()))
    if number < RUNS - 1:
        run_update(
            actor=ann, run=run, status="FAILED" if number % 7 == 6 else "FINISHED", end_time=start + 90_000
        )
    return run


def files_put(run: Run) -> None:
    """One artifact of each kind that the preview treats in its own way."""
    root, store = store_path(run.artifact_uri), artifact_store()
    store.put(f"{root}/report.html", [b"<h1>report</h1><script>document.title = 'owned'</script>"])
    store.put(f"{root}/picture.svg", [b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'])
    store.put(f"{root}/scores.csv", [b"id,score\n1,0.5\n2,0.75\n"])
    store.put(f"{root}/summary.json", [b'{"auc":0.9}'])
    store.put(f"{root}/model/weights.bin", [bytes(range(256)) * 8])
    store.put(f"{root}/curve.png", [small_png()])


def small_png() -> bytes:
    """A picture of 40 by 20 pixels."""
    rows = b"".join(b"\0" + b"".join(bytes((x * 6, y * 12, 120)) for x in range(40)) for y in range(20))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 40, 20, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    main()

"""A training that is done and a clone of it that failed, with other code and packages. Prints their ids as JSON.

Run as a program with the portal's environment, after the scenery.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402 - needs the app registry

from experiments.batch import Batch, Metrics, Pairs  # noqa: E402
from experiments.services.batches import batch_log  # noqa: E402
from experiments.services.runs import NewRun, run_create  # noqa: E402
from jobs import transitions  # noqa: E402
from jobs.process.logs import AttemptLog  # noqa: E402
from portal.accounts.actor import Actor  # noqa: E402
from portal.accounts.models import User, Workspace  # noqa: E402
from portal.kernel.clock import now, now_ms  # noqa: E402
from training.models import RuntimeEnvironment, TrainingJob  # noqa: E402
from training.models.code import UPLOAD  # noqa: E402
from training.pipelines.reading import document_parse  # noqa: E402
from training.services.jobs import training_submit  # noqa: E402
from training.services.pipeline_starts import schedule_create, trigger_create  # noqa: E402
from training.services.pipelines import pipeline_begin, pipeline_save  # noqa: E402
from training.web.pipeline_words import EXAMPLE  # noqa: E402
from training.work.code import snapshot_keep  # noqa: E402

MACHINE = {
    "platform": "Linux-6.1-x86_64", "processor": "x86_64", "model": "Intel Xeon", "cpus": 8, "gpus": [],
    "memory_bytes": 32 * 1024**3, "host": "worker-1",
}  # fmt: skip
REASON = (
    "The command ended with exit code 1. Traceback (most recent call last):\nValueError: C must be positive"
)


def main() -> None:
    ann = Actor.of_user(User.objects.get(username="ann"), request_id="scenery")
    first = made(ann, 1, "done")
    second = made(ann, 2, "failed", cloned_from=first)
    found = {"training": first.pk, "clone": second.pk, **pipeline_made(ann)}
    json.dump({name: str(key) for name, key in found.items()}, sys.stdout)


def pipeline_made(ann: Actor) -> dict[str, Any]:
    """A pipeline with a run in its middle, and what starts it by itself."""
    workspace = Workspace.objects.get(name="credit")
    version = pipeline_save(
        actor=ann, workspace=workspace, name="nightly", document=document_parse(EXAMPLE), source=EXAMPLE
    )
    run = pipeline_begin(actor=ann, pipeline=version.pipeline, version=version)
    schedule_create(
        actor=ann, pipeline=version.pipeline, version=version, cron="0 9 * * 1-5", time_zone="Europe/Berlin"
    )
    trigger_create(actor=ann, pipeline=version.pipeline, version=version, kind="dataset", subject="sales")
    return {"pipeline": version.pipeline_id, "pipeline_run": run.pk}


def made(ann: Actor, number: int, state: str, **more: Any) -> TrainingJob:
    workspace = Workspace.objects.get(name="credit")
    spec = {
        "experiment": "trainings", "command": "python train.py --c {c}", "code": {"bundled": "iris"}, "seed": 7,
        "name": f"iris-{number}", "parameters": {"c": 0.5 * number}, "outputs": {"model": {}},
    }  # fmt: skip
    training = training_submit(actor=ann, workspace=workspace, spec=spec, **more)
    training.code = code_of(workspace.pk, number)
    training.environment = RuntimeEnvironment.objects.create(
        digest=str(number) * 64, lock=f"mlflow==3.{number} \\\n    --hash=sha256:aa\nscikit-learn==1.5\n",
        python_version="3.11.2", platform="linux-x86_64", created_at=now(),
    )  # fmt: skip
    training.run = run_create(
        actor=ann,
        experiment=training.experiment,
        new=NewRun(name=training.name, user_name="ann", start_time=now_ms(), tags=[]),
    )
    found = Metrics(["accuracy", "log_loss"], [0.9 + number / 100, 0.3], [now_ms()] * 2, [0, 0])
    batch_log(
        actor=ann, run_id=training.run.pk.hex, batch=Batch(training.run.pk.hex, found, Pairs(), Pairs())
    )
    code = {"code": int(state == "failed"), "signal": None, "cause": "exited", "seconds": 4.2}
    outputs = {"model": {"files": 2, "digest": "a" * 64, "size_bytes": 4096}}
    training.seen = {"machine": MACHINE, "exit": {**code, "peak_memory_bytes": 2**28}, "outputs": outputs}
    training.save()
    ended(training, state)
    return training


def ended(training: TrainingJob, state: str) -> None:
    with transaction.atomic():
        assert transitions.claim(training.job_id, "tester:1") is not None
    kept = AttemptLog(training.job_id, 1)
    kept.begin("tester:1")
    kept.write("epoch 1\nepoch 2\n")
    kept.flush()
    with transaction.atomic():
        reason = REASON if state == "failed" else ""
        transitions.end(training.job_id, 1, state, actor="tests", reason=reason)


def code_of(workspace_id: int, number: int) -> Any:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "code"
        root.mkdir()
        (root / "train.py").write_text(f"import mlflow\n\nC = {number}\nprint(C)\n")
        return snapshot_keep(workspace_id, root, source=UPLOAD)


if __name__ == "__main__":
    main()

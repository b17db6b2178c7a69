"""Documents of pipelines, and the trainings of their steps, which begin and end as a test says."""

from typing import Any

from tests.training.sweeps.play import begin, end, log, settle
from training.models import PipelineRun, PipelineStep, TrainingJob

JOB: dict[str, Any] = {"command": "python train.py", "code": {"bundled": "iris"}}


def document(steps: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"experiment": "nightly", "steps": steps, **given}


def step(command: str = "python train.py", **given: Any) -> dict[str, Any]:
    job = {**JOB, "command": command, **given.pop("job", {})}
    return {"job": job, **given}


def states(run: PipelineRun) -> dict[str, str]:
    """The state of each step now."""
    rows = PipelineStep.objects.filter(run=run).order_by("name", "item")
    return {str(row): row.state for row in rows}


def row(run: PipelineRun, name: str, item: int = -1) -> PipelineStep:
    return PipelineStep.objects.select_related("training__job", "training__run").get(
        run=run, name=name, item=item
    )


def finish(
    run: PipelineRun, name: str, item: int = -1, *, state: str = "done", values: dict[str, Any] | None = None,
    metrics: dict[str, float] | None = None, outputs: dict[str, Any] | None = None,
) -> TrainingJob:  # fmt: skip
    """The training of a step runs and ends, with what it wrote."""
    training = begin(row(run, name, item))
    for key, value in (metrics or {}).items():
        log(training, key, (1, value))
    training.seen = {**training.seen, "values": values or {}, "outputs": outputs or {}}
    training.save(update_fields=["seen"])
    end(training, state)
    settle()
    return training


def fresh(run: PipelineRun) -> PipelineRun:
    return PipelineRun.objects.get(pk=run.pk)

"""Takes the report of an evaluation before its job ends: into the run as metrics, and into its row."""

from pathlib import Path
from typing import Any

from experiments.batch import Batch, Metrics, Pairs
from experiments.models import Run
from experiments.selectors.artifacts import run_place
from experiments.services.artifacts import artifact_put
from experiments.services.batches import batch_log
from jobs.errors import Permanent
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.kernel.clock import now_ms
from training.evaluation.answering import answers_measure, models_ask
from training.evaluation.reports import BadReport, report_read
from training.models import Evaluation, TrainingJob
from training.models.jobs import EVALUATION
from training.services.evaluations import REPORT_ARTIFACT, evaluation_record
from training.work.finishing import PURPOSES, Purpose


def report_take(step: JobStep, training: TrainingJob, requester: Actor, run: Run, folder: Path) -> None:
    """Measure what the models answered. Raises Permanent where that gives no report."""
    report_keep(step, training, requester, run, answers_measure(step, training, folder))


def report_keep(step: JobStep, training: TrainingJob, requester: Actor, run: Run, path: Path) -> None:
    """Read what the program found: into the run, and into the evaluation. Raises Permanent where it is no report."""
    evaluation = Evaluation.objects.select_related("version__model", "dataset__asset").get(training=training)
    try:
        report = report_read(path)
    except BadReport as error:
        raise Permanent(f"The evaluation failed: {error}.") from error
    place = run_place(run, REPORT_ARTIFACT)
    artifact_put(actor=requester, place=place, chunks=iter([path.read_bytes()]), size=path.stat().st_size)
    _metrics_log(requester, run.pk.hex, report["metrics"])
    evaluation_record(actor=step.actor, evaluation=evaluation, report=report)


def _metrics_log(requester: Actor, run_id: str, metrics: dict[str, Any]) -> None:
    count = len(metrics)
    points = Metrics(
        list(metrics), [float(value) for value in metrics.values()], [now_ms()] * count, [0] * count
    )
    batch_log(actor=requester, run_id=run_id, batch=Batch(run_id, points, Pairs(), Pairs()))


PURPOSES[EVALUATION] = Purpose(run=models_ask, finish=report_take)

"""What a form for a training offers: code, data, models and places to run."""

from dataclasses import dataclass

from experiments.models import DataAsset, Experiment
from experiments.models.experiment import ACTIVE
from jobs.models import SYSTEM_QUEUE, JobQueue, JobSecret
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from registry.models import RegisteredModel
from training.models import CodeSnapshot
from training.models.code import UPLOAD
from training.selectors.code import code_visible
from training.spec.executors import executors_configured
from training.spec.places import BUNDLES
from training.work.code import EXAMPLES

SHOWN = 100


@dataclass(frozen=True)
class Choices:
    """Names, the newest or the first by name, and never all of very many."""

    experiments: list[str]
    datasets: list[str]
    models: list[str]
    secrets: list[str]
    repositories: list[str]
    examples: list[str]
    queues: list[str]
    executors: list[str]
    code: list[CodeSnapshot]


def training_choices(actor: Actor, workspace: Workspace) -> Choices:
    """What there is in a workspace that a training can name."""
    code = code_visible(actor).filter(workspace=workspace, source=UPLOAD).defer("diff").order_by("-id")
    assets = DataAsset.objects.filter(workspace=workspace)
    queues = JobQueue.objects.exclude(name=SYSTEM_QUEUE).order_by("name").values_list("name", flat=True)
    return Choices(
        experiments=_names(Experiment.objects.filter(workspace=workspace, lifecycle_stage=ACTIVE)),
        datasets=_names(assets), models=_names(RegisteredModel.objects.filter(workspace=workspace)),
        secrets=_names(JobSecret.objects.filter(workspace=workspace)),
        repositories=[f"bundled:{each.stem}" for each in sorted(BUNDLES.glob("*.bundle"))],
        examples=sorted(each.name for each in EXAMPLES.iterdir() if each.is_dir()),
        queues=list(queues) or ["default"], executors=executors_configured(), code=list(code[:SHOWN]),
    )  # fmt: skip


def _names(found: object) -> list[str]:
    return list(found.order_by("name").values_list("name", flat=True)[:SHOWN])  # type: ignore[attr-defined]

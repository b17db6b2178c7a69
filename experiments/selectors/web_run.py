"""All that the page of one run shows."""

from dataclasses import dataclass

from experiments.models import LatestMetric, LoggedModel, Param, Run, RunInput, RunTag
from experiments.selectors.runs import run_get
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now_ms

NOTE_TAG = "mlflow.note.content"
_SYSTEM_PREFIX = "mlflow."
_COUNTS = """
SELECT (SELECT count(*) FROM experiments_latestmetric WHERE run_id = %(run)s),
    (SELECT count(*) FROM experiments_param WHERE run_id = %(run)s),
    (SELECT count(*) FROM experiments_runtag WHERE run_id = %(run)s),
    (SELECT count(*) FROM experiments_runinput WHERE run_id = %(run)s),
    (SELECT count(*) FROM experiments_loggedmodel m WHERE m.lifecycle_stage = 'active' AND (m.source_run_id = %(run)s
        OR m.id IN (SELECT model_id FROM experiments_runmodelinput WHERE run_id = %(run)s)))
"""


@dataclass(frozen=True)
class Head:
    """What stands above the tabs of a run."""

    run: Run
    owner: str
    duration: int
    source: str
    git_commit: str
    note: str
    counts: dict[str, int]


def run_head(actor: Actor, run_id: str) -> Head:
    """A run with the facts of its header. Raises ProtocolError RESOURCE_DOES_NOT_EXIST as run_get does."""
    run = run_get(actor, run_id)
    tags = dict(RunTag.objects.filter(run=run, key__startswith=_SYSTEM_PREFIX).values_list("key", "value"))
    counts = sql.row(_COUNTS, {"run": run.pk}) or ()
    return Head(
        run=run,
        owner=run.created_by.username if run.created_by else run.user_name,
        duration=(run.end_time or now_ms()) - run.start_time,
        source=tags.get("mlflow.source.name", ""),
        git_commit=tags.get("mlflow.source.git.commit", ""),
        note=tags.get(NOTE_TAG, ""),
        counts=dict(zip(("metrics", "params", "tags", "datasets", "models"), counts, strict=True)),
    )


def run_metrics(run: Run) -> list[LatestMetric]:
    """The last value of each metric, by name."""
    return list(LatestMetric.objects.filter(run=run).order_by("key"))


def run_params(run: Run) -> list[Param]:
    return list(Param.objects.filter(run=run).order_by("key"))


def run_tags(run: Run, *, is_system: bool) -> list[RunTag]:
    """The tags that people and scripts set, or those that MLflow sets."""
    tags = RunTag.objects.filter(run=run).order_by("key")
    return list(
        tags.filter(key__startswith=_SYSTEM_PREFIX)
        if is_system
        else tags.exclude(key__startswith=_SYSTEM_PREFIX)
    )


def run_datasets(run: Run) -> list[RunInput]:
    """What the run read, with the dataset."""
    return list(
        RunInput.objects.filter(run=run).select_related("dataset").order_by("dataset__name", "dataset_id")
    )


def run_models(actor: Actor, run: Run) -> list[LoggedModel]:
    """The logged models that the run made or read, newest first."""
    models = LoggedModel.objects.filter(lifecycle_stage="active", source_run=run)
    read = LoggedModel.objects.filter(lifecycle_stage="active", read_by__run=run)
    if actor.workspace_ids is not None:
        read = read.filter(workspace_id__in=actor.workspace_ids)
    return list(models.union(read).order_by("-creation_timestamp"))


def runs_recent(actor: Actor, *, is_running: bool, limit: int) -> list[Run]:
    """The runs that started last, of all workspaces that the actor sees."""
    runs = Run.objects.filter(lifecycle_stage="active").select_related(
        "experiment", "workspace", "created_by"
    )
    if actor.workspace_ids is not None:
        runs = runs.filter(workspace_id__in=actor.workspace_ids)
    runs = runs.filter(status="RUNNING") if is_running else runs.exclude(status="RUNNING")
    return list(runs.order_by("-start_time")[:limit])

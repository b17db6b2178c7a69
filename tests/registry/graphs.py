"""Graphs of runs, models and versions, made directly as rows, and a closure over them that is plain Python."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from experiments.models import Dataset, Experiment, LoggedModel, Run, RunInput, RunModelInput, RunOutput
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from registry.models import Assignment, ModelVersion, RegisteredModel

Edges = set[tuple[str, str]]


@dataclass
class Made:
    """What a maker made: `edges` lead from what went in to what came out, as texts of node keys."""

    experiment: Experiment
    edges: Edges = field(default_factory=set)
    datasets: list[Dataset] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    models: list[LoggedModel] = field(default_factory=list)
    versions: list[ModelVersion] = field(default_factory=list)
    live: list[Assignment] = field(default_factory=list)

    def dataset(self, name: str = "loans", digest: str = "9f2c1e00", **fields: Any) -> Dataset:
        values = {"experiment": self.experiment, "source_type": "s3", "source": "{}", **fields}
        made = Dataset.objects.create(
            workspace=values["experiment"].workspace, name=name, digest=digest, **values
        )
        self.datasets.append(made)
        return made

    def run(self, *reads: Dataset | LoggedModel, name: str = "a-run") -> Run:
        made = Run.objects.create(
            experiment=self.experiment, workspace=self.experiment.workspace, name=name, status="FINISHED",
            start_time=1, end_time=2, artifact_uri=f"mlflow-artifacts:/1/1/{uuid4().hex}/artifacts",
        )  # fmt: skip
        self.runs.append(made)
        for each in reads:
            if isinstance(each, Dataset):
                RunInput.objects.create(run=made, dataset=each, context="training")
            else:
                RunModelInput.objects.create(run=made, model=each)
            self.edges.add((key(each), key(made)))
        return made

    def model(self, run: Run | None = None, *, output_of: Run | None = None) -> LoggedModel:
        model_id = f"m-{uuid4().hex}"
        made = LoggedModel.objects.create(
            id=model_id, workspace=self.experiment.workspace, experiment=self.experiment, source_run=run,
            name="model", artifact_location=f"mlflow-artifacts:/1/1/models/{model_id}/artifacts",
            status="LOGGED_MODEL_READY", creation_timestamp=1, last_updated_timestamp=1,
        )  # fmt: skip
        self.models.append(made)
        if output_of is not None:
            RunOutput.objects.create(run=output_of, model=made)
        for maker in {run, output_of} - {None}:
            self.edges.add((key(maker), key(made)))
        return made

    def version(
        self, of: LoggedModel | None = None, *, name: str = "fraud", run: Run | None = None,
        copied_from: ModelVersion | None = None,
    ) -> ModelVersion:  # fmt: skip
        model, _ = RegisteredModel.objects.get_or_create(
            workspace=self.experiment.workspace, name=name,
            defaults={"creation_timestamp": 1, "last_updated_timestamp": 1},
        )  # fmt: skip
        model.last_version += 1
        model.save(update_fields=["last_version"])
        run = run or (of.source_run if of else None)
        made = ModelVersion.objects.create(
            workspace=model.workspace, model=model, version=model.last_version, logged_model=of, run=run,
            copied_from=copied_from, status="READY", digest=uuid4().hex * 2, manifest=[], ready_at=now(),
            creation_timestamp=1, last_updated_timestamp=1,
        )  # fmt: skip
        self.versions.append(made)
        if of is not None:
            self.edges.add((key(of), key(made)))
        if run is not None and (of is None or of.source_run_id != run.pk):
            self.edges.add((key(run), key(made)))
        if copied_from is not None:
            self.edges.add((key(copied_from), key(made)))
        return made

    def point(
        self, version: ModelVersion, name: str = "champion", kind: str = "alias", **fields: Any
    ) -> Assignment:
        made = Assignment.objects.create(
            workspace=version.workspace, model=version.model, version=version, kind=kind, name=name,
            valid_from=fields.pop("valid_from", None) or now(), moved_by="user:1", **fields,
        )  # fmt: skip
        if made.valid_to is None and (kind == "alias" or name == "Production"):
            self.live.append(made)
            self.edges.add((key(version), key(made)))
        return made


def experiment_of(workspace: Workspace, name: str = "scoring") -> Experiment:
    return Experiment.objects.create(
        workspace=workspace, name=name, artifact_location="mlflow-artifacts:/x", lifecycle_stage="active",
        creation_time=1, last_update_time=1,
    )  # fmt: skip


def key(row: Any) -> str:
    kinds = {
        Dataset: "dataset", Run: "run", LoggedModel: "logged-model", ModelVersion: "version", Assignment: "live",
    }  # fmt: skip
    plain = row.pk.removeprefix("m-") if isinstance(row, LoggedModel) else row.pk.hex
    return f"{kinds[type(row)]}:{plain}"


def random_graph(made: Made, chance: random.Random, *, size: int) -> Made:
    """Runs that read some of what was made before them, and now and then a circle."""
    for number in range(size):
        made.dataset(f"set-{number % max(1, size // 2)}", f"d{number:07}")
    for _ in range(size * 2):
        reads = chance.sample([*made.datasets, *made.models], k=min(3, chance.randint(0, 3)))
        run = made.run(*reads)
        for _ in range(chance.randint(0, 2)):
            made.model(
                run if chance.random() < 0.6 else None, output_of=run if chance.random() < 0.6 else None
            )
    if made.models and chance.random() < 0.8:
        maker, model = made.runs[-1], chance.choice(made.models)
        if not RunModelInput.objects.filter(run=maker, model=model).exists():
            RunModelInput.objects.create(run=maker, model=model)
            made.edges.add((key(model), key(maker)))
    for number in range(size):
        source = chance.choice(made.models) if made.models and chance.random() < 0.7 else None
        run = chance.choice(made.runs) if chance.random() < 0.3 else None
        copied = chance.choice(made.versions) if made.versions and chance.random() < 0.2 else None
        version = made.version(source, run=run, copied_from=copied, name=f"model-{number}")
        if chance.random() < 0.5:
            made.point(version)
    return made


def closure(edges: Iterable[tuple[str, str]], starts: Iterable[str]) -> set[str]:
    """All that can be reached downwards, the starts among it."""
    reached, todo = set(starts), list(starts)
    following: dict[str, list[str]] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
    while todo:
        for target in following.get(todo.pop(), []):
            if target not in reached:
                reached.add(target)
                todo.append(target)
    return reached

"""Takes a workspace into an MLflow store: experiments and runs, logged models, then the registry.

MLflow chooses the ids there. Everything carries `portal.exported_from`, which says what it is here; by it a transfer
that was cut off between making something and noting it finds what it made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from uuid import UUID

from experiments.models import Experiment, LoggedModel, Param, Run, RunInput, RunModelInput, RunOutput, RunTag
from experiments.models.experiment import DELETED
from experiments.models.logged_model import READY
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from transfer.file_export import FileExport
from transfer.models import Origin, Peer
from transfer.objects import SourceDataset
from transfer.point_export import Facts, PointExport, Wanted
from transfer.progress import Progress
from transfer.registry_export import RegistryExport
from transfer.report import Report
from transfer.services.exports import export_begin, export_finish, export_note
from transfer.services.origins import mark, marks
from transfer.targets.mlflow_target import MlflowTarget

FROM = "portal.exported_from"
PARENT, NAME = "mlflow.parentRunId", "mlflow.runName"
_PER_PAGE = 200
_RUNS_AT_ONCE = 20


@dataclass
class Export:
    """One transfer of a workspace into a store."""

    actor: Actor
    workspace: Workspace
    target: MlflowTarget
    progress: Progress
    names: frozenset[str] = frozenset()
    with_files: bool = True
    with_registry: bool = True
    _run_ids: dict[UUID, str] = field(default_factory=dict)

    def run(self) -> Report:
        """Take everything out and compare it with what is here."""
        self.report = Report(f"workspace {self.workspace.name}", self.target.address)
        self.peer: Peer = export_begin(
            actor=self.actor, workspace=self.workspace, kind=self.target.kind, address=self.target.address
        )
        self._points = PointExport(self.target, self.report)
        self._files = FileExport(self.actor, self.peer, self.target, self.report)
        experiments = Experiment.objects.filter(workspace=self.workspace).order_by("pk")
        for experiment in experiments.filter(name__in=self.names) if self.names else experiments:
            self._experiment(experiment)
        if self.with_registry:
            RegistryExport(self.actor, self.workspace, self.peer, self.target, self.report).run()
        export_finish(actor=self.actor, peer=self.peer, report=self.report.counts())
        return self.report

    def _experiment(self, experiment: Experiment) -> None:
        origin = self._origin("experiment", str(experiment.pk))
        tags = dict(experiment.tags.values_list("key", "value"))
        there, is_new = self.target.experiment(
            origin.there if origin else None,
            experiment.name,
            tags | {FROM: self._place("experiments", experiment.pk)},
            FROM,
        )
        if not there:
            self.report.leave_out(
                "experiment", experiment.name, "the store has one of that name; rename one of the two"
            )
            return
        self.report.made["experiments"] += int(is_new)
        origin = origin or Origin(peer=self.peer, kind="experiment", here=str(experiment.pk), there=there)
        self.target.experiment_open(there)
        lost = {} if is_new else self.target.runs_by_tag(there, FROM)
        runs = self._runs(experiment)
        while page := list(islice(runs, _RUNS_AT_ONCE)):
            self._page(page, there, lost)
        self._parents(experiment)
        for model in LoggedModel.objects.filter(experiment=experiment).order_by("creation_timestamp", "pk"):
            self._model(model, there)
        self._links(experiment)
        for run in self._runs(experiment):
            self._stage(run)
        self.target.experiment_close(there, experiment.lifecycle_stage)
        origin.is_complete = True
        export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _runs(self, experiment: Experiment) -> Iterator[Run]:
        """The runs in order of their start, so that parents mostly come first."""
        runs = Run.objects.filter(experiment=experiment).order_by("start_time", "pk")
        return runs.iterator(chunk_size=_PER_PAGE)

    def _page(self, runs: Sequence[Run], experiment: str, lost: dict[str, str]) -> None:
        """Some runs: made one by one, then the points of all, then each is ended."""
        origins: dict[UUID, Origin] = {}
        wanted: list[Wanted] = []
        for run in runs:
            if begun := self._begin(run, experiment, lost):
                origin, is_new = begun
                origins[run.pk] = origin
                wanted.append(Wanted(run, origin.there, origin.seen.get("points", {}), is_new))
        for each, facts in zip(wanted, self._points.take(wanted), strict=True):
            self._end(each.run, origins[each.run.pk], facts)
        for _ in runs:
            self.progress.step("runs")

    def _begin(self, run: Run, experiment: str, lost: dict[str, str]) -> tuple[Origin, bool] | None:
        """Make a run with all but its points and files; whether it is new. None where there is no news."""
        origin = self._origin("run", run.pk.hex)
        place = self._place("runs", run.pk.hex)
        tags = dict(RunTag.objects.filter(run=run).values_list("key", "value")) | {FROM: place}
        is_new = origin is None and place not in lost
        if origin is None:
            origin = self._made(run, experiment, lost.get(place), self._tags(tags))
        self._run_ids[run.pk] = origin.there
        if origin.is_complete and origin.seen.get("state") == _state(run):
            return None
        if not is_new:
            self.target.run_open(origin.there)
        self._values(run, origin, self._tags(tags))
        return origin, is_new

    def _made(self, run: Run, experiment: str, there: str | None, tags: dict[str, str]) -> Origin:
        """A run that is made there, unless it was and only the note of it is missing."""
        given: dict[str, str] = {}
        if there is None:
            there = self.target.run_make(
                experiment, name=run.name, user=run.user_name, start_time=run.start_time, tags=tags
            )
            self.report.made["runs"] += 1
            given = {key: value for key, value in tags.items() if key != NAME or value == run.name}
        origin = Origin(peer=self.peer, kind="run", here=run.pk.hex, there=there, seen={"tags": marks(given)})
        export_note(actor=self.actor, peer=self.peer, origin=origin)
        return origin

    def _end(self, run: Run, origin: Origin, facts: Facts) -> None:
        """Files and end of a run whose points are there."""
        origin.seen["points"] = facts
        if self.with_files:
            files_there = partial(self.target.run_files, origin.there)
            self._files.take(f"run:{run.pk.hex}", run.artifact_uri, files_there)
        self.target.run_end(origin.there, run.status, run.end_time, run.name)
        origin.seen["state"], origin.seen["stage"], origin.is_complete = _state(run), "active", True
        export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _values(self, run: Run, origin: Origin, tags: dict[str, str]) -> None:
        """Params, tags and datasets that are not there yet, or have another value here than when they were taken."""
        params = dict(Param.objects.filter(run=run).values_list("key", "value"))
        seen = origin.seen
        self.target.params_log(
            origin.there, {key: value for key, value in params.items() if key not in seen.get("params", {})}
        )
        known = seen.get("tags", {})
        self.target.tags_set(
            origin.there, {key: value for key, value in tags.items() if known.get(key) != mark(value)}
        )
        read = RunInput.objects.filter(run=run).select_related("dataset")
        names = ("name", "digest", "source_type", "source", "schema", "profile")
        datasets = [
            SourceDataset({name: getattr(each.dataset, name) for name in names}, each.tags) for each in read
        ]
        if seen.get("datasets") != len(datasets):
            self.target.datasets_log(origin.there, datasets)
        origin.seen = {**seen, "params": marks(params), "tags": marks(tags), "datasets": len(datasets)}

    def _parents(self, experiment: Experiment) -> None:
        """Parents that were not there yet when their children were made."""
        found = RunTag.objects.filter(run__experiment=experiment, key=PARENT)
        for run_id, parent in found.values_list("run_id", "value"):
            tags = self._tags({PARENT: parent})
            origin = self._origin("run", run_id.hex)
            if origin is not None and origin.seen.get("tags", {}).get(PARENT) != mark(tags[PARENT]):
                self.target.tags_set(origin.there, tags)
                origin.seen["tags"] = {**origin.seen.get("tags", {}), PARENT: mark(tags[PARENT])}
                export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _tags(self, tags: dict[str, str]) -> dict[str, str]:
        """The tags as they are there: a parent has the id that it has there."""
        parent = tags.get(PARENT, "")
        if len(parent) != 32:
            return tags
        origin = self._origin("run", parent)
        return tags | {PARENT: origin.there if origin else parent}

    def _model(self, model: LoggedModel, experiment: str) -> None:
        if model.lifecycle_stage == DELETED:
            self.report.leave_out("logged model", model.pk, "it is deleted, and MLflow shows no deleted ones")
            return
        origin = self._origin("logged_model", model.pk)
        source = self._run_ids.get(model.source_run_id) if model.source_run_id else None
        if origin is None:
            tags = dict(model.tags.values_list("key", "value")) | {FROM: self._place("models", model.pk)}
            params = dict(model.params.values_list("key", "value"))
            there, is_new = self.target.model_make(
                experiment,
                name=model.name,
                run_id=source,
                tags=tags,
                params=params,
                model_type=model.model_type,
                mark=FROM,
            )
            self.report.made["logged models"] += int(is_new)
            origin = Origin(peer=self.peer, kind="logged_model", here=model.pk, there=there)
            export_note(actor=self.actor, peer=self.peer, origin=origin)
        if self.with_files:
            files_there = partial(self.target.model_files, origin.there)
            self._files.take(f"model:{model.pk}", model.artifact_location, files_there)
        count = model.metrics.count()
        if origin.seen.get("points") != count:
            self._points.take_model(model, origin.there, self._run_ids)
        if model.status == READY and origin.seen.get("status") != READY:
            self.target.model_finish(origin.there)
        if (origin.seen.get("points"), origin.seen.get("status")) != (count, model.status):
            origin.seen = {"points": count, "status": model.status}
            origin.is_complete = True
            export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _links(self, experiment: Experiment) -> None:
        """The logged models that runs read and made."""
        links: dict[UUID, tuple[list[str], dict[str, int]]] = {}
        for run_id, model in RunModelInput.objects.filter(run__experiment=experiment).values_list(
            "run_id", "model_id"
        ):
            links.setdefault(run_id, ([], {}))[0].append(model)
        made = RunOutput.objects.filter(run__experiment=experiment).values_list("run_id", "model_id", "step")
        for run_id, model, step in made:
            links.setdefault(run_id, ([], {}))[1][model] = step
        for run_id, (read, outputs) in links.items():
            origin = self._origin("run", run_id.hex)
            facts = [sorted(read), sorted(outputs.items())]
            if origin is None or origin.seen.get("links") == mark(facts):
                continue
            ids = {
                each: found.there
                for each in {*read, *outputs}
                if (found := self._origin("logged_model", each))
            }
            self.target.links_log(
                origin.there, [ids[each] for each in read if each in ids],
                {ids[each]: step for each, step in outputs.items() if each in ids},
            )  # fmt: skip
            origin.seen["links"] = mark(facts)
            export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _stage(self, run: Run) -> None:
        origin = self._origin("run", run.pk.hex)
        if origin is not None and origin.seen.get("stage") != run.lifecycle_stage:
            self.target.run_stage(origin.there, run.lifecycle_stage)
            origin.seen["stage"] = run.lifecycle_stage
            export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _origin(self, kind: str, here: str) -> Origin | None:
        return Origin.objects.filter(peer=self.peer, kind=kind, here=here).first()

    def _place(self, kind: str, key: object) -> str:
        return f"{self.workspace.name}/{kind}/{key}"


def _state(run: Run) -> dict[str, object]:
    """What tells whether there is news of a run."""
    return {"changes": run.changes, "status": run.status, "end": run.end_time}

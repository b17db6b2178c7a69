"""Brings what a source holds into a workspace: experiments, then their runs and logged models, then the registry.

Each step looks first at what is here already and what the source said the last time, so that it may be killed after
any line and started again, and a repeat brings what is new and touches nothing else. Nothing of the source is read
while a transaction is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from experiments.models import Experiment, LoggedModel, Run, RunModelInput, RunOutput
from experiments.models.experiment import ACTIVE
from experiments.selectors.artifacts import model_place, run_place
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, PolicyViolation
from portal.kernel.mlflow_errors import ProtocolError
from transfer.cleaning import experiment_clean, model_clean, run_clean
from transfer.file_import import FileImport
from transfer.models import Origin, Peer
from transfer.objects import Reader, SourceExperiment, SourceModel, SourceRun
from transfer.point_import import PointImport
from transfer.progress import Progress
from transfer.registry_import import RegistryImport
from transfer.report import Report
from transfer.services.experiments import experiment_finish, experiment_import, is_current
from transfer.services.half_runs import is_set_aside
from transfer.services.logged_models import logged_model_finish, logged_model_import, model_seen
from transfer.services.origins import origins_of, run_ids_here
from transfer.services.peers import source_begin, source_finish
from transfer.services.runs import Link, latest_mark, links_import, run_seen, runs_finish, runs_import
from transfer.verification import verify


@dataclass(frozen=True)
class Options:
    """`names`: only these experiments. `merge`: runs may go into an experiment that was made here.

    `is_full`: read all points again, not only of metrics whose latest value or count changed.
    """

    names: frozenset[str] = frozenset()
    merge: bool = False
    is_full: bool = False
    with_files: bool = True
    with_registry: bool = True
    with_check: bool = True


@dataclass
class Import:
    """One transfer from a source into a workspace."""

    actor: Actor
    workspace: Workspace
    reader: Reader
    progress: Progress
    options: Options = field(default_factory=Options)

    def run(self) -> Report:
        """Bring everything over and compare it with the source."""
        self.report = Report(self.reader.address, f"workspace {self.workspace.name}")
        self.peer: Peer = source_begin(
            actor=self.actor, workspace=self.workspace, kind=self.reader.kind, address=self.reader.address
        )
        self._points = PointImport(self.actor, self.reader, self.report, self.progress)
        self._files = FileImport(self.actor, self.reader, self.peer, self.report, self.progress)
        for found in self.reader.experiments():
            if not self.options.names or found.name in self.options.names:
                self._experiment(experiment_clean(found, self.report))
        if self.options.with_registry:
            RegistryImport(self.actor, self.workspace, self.peer, self.reader, self.report).run()
        if self.options.with_check:
            verify(self.actor, self.peer, self.report, with_files=self.options.with_files)
        source_finish(actor=self.actor, peer=self.peer, report=self.report.counts())
        return self.report

    def _experiment(self, found: SourceExperiment) -> None:
        origin = origins_of(self.peer, "experiment", [found.id]).get(found.id)
        if origin is None:
            made = self._experiment_made(found)
            if made is None:
                return
            origin = origins_of(self.peer, "experiment", [found.id])[found.id]
        experiment = Experiment.objects.get(pk=origin.here)
        links: list[tuple[str, Link]] = []
        for page in self.reader.runs(found):
            links += self._page(experiment, [run_clean(run, self.report) for run in page])
        models = self._models(experiment, found)
        self._links(experiment, links, models)
        if not is_current(origin, found):
            try:
                experiment_finish(actor=self.actor, experiment=experiment, origin=origin, found=found)
            except (Conflict, PolicyViolation) as no:
                self.report.leave_out("experiment", found.name, no.detail)

    def _experiment_made(self, found: SourceExperiment) -> Experiment | None:
        if found.is_default and not found.tags and next(iter(self.reader.runs(found)), None) is None:
            return None  # every store has one; an empty one says nothing
        try:
            made = experiment_import(
                actor=self.actor,
                workspace=self.workspace,
                peer=self.peer,
                found=found,
                merge=self.options.merge,
            )
        except (Conflict, ProtocolError) as no:
            self.report.leave_out("experiment", found.name, no.detail)
            return None
        self.report.made["experiments"] += 1
        return made

    def _page(self, experiment: Experiment, runs: Sequence[SourceRun]) -> list[tuple[str, Link]]:
        """One page of runs with their points and files; what they read and made, by their ids at the source."""
        known = origins_of(self.peer, "run", [run.id for run in runs])
        here = run_ids_here(self.peer, [run.id for run in runs] + [
            run.tags["mlflow.parentRunId"] for run in runs if "mlflow.parentRunId" in run.tags
        ])  # fmt: skip
        if any(self._has_news(known.get(run.id), run, here) for run in runs):
            back = sum(is_set_aside(origin) for origin in known.values())
            self.report.changed["runs"] -= back
            self.report.changed["runs"] += sum(
                self._has_news(known[run.id], run, here) for run in runs if run.id in known
            )
            origins = runs_import(actor=self.actor, experiment=experiment, peer=self.peer, runs=runs)
            self.report.made["runs"] += len(origins) - len(known) + back
        else:
            origins = known
        targets = {
            run.pk.hex: run for run in Run.objects.filter(pk__in=[each.here for each in origins.values()])
        }
        keys = self._keys_of([run for run in runs if origins[run.id].here in targets], origins)
        done = []
        for run in runs:
            origin, target = origins[run.id], targets.get(origins[run.id].here)
            if target is None:
                self.report.leave_out("run", run.id, "it was purged here after it was brought over")
            elif self._run(run, target, origin, keys[run.id], run.id not in known):
                done.append(run)
            self.progress.step("runs")
        self._finish(experiment, done, origins)
        return [
            (run.id, Link(UUID(origins[run.id].here), run.models_read, dict(run.models_made)))
            for run in runs
            if (run.models_read or run.models_made) and origins[run.id].here in targets
        ]

    def _has_news(self, origin: Origin | None, run: SourceRun, here: dict[str, UUID]) -> bool:
        if origin is None or is_set_aside(origin):
            return True
        new = run_seen(run, here)
        return any(origin.seen.get(name) != value for name, value in new.items() if name != "stage")

    def _run(self, run: SourceRun, target: Run, origin: Origin, keys: Sequence[str], is_new: bool) -> bool:
        """Points and files of one run; whether anything of it has to be noted."""
        before, points = dict(self.report.made), origin.seen.get("points")
        if keys:
            facts = self._points.bring(run, target, keys, seen=origin.seen, is_new=is_new)
            origin.seen["points"] = {**(points or {}), **facts}
            origin.seen["sampled"] = sorted(run.sampled)
        if self.options.with_files and run.artifact_uri and target.lifecycle_stage == ACTIVE:
            self._files.bring(
                f"run:{run.id}", target.pk.hex, run.artifact_uri, lambda path: run_place(target, path)
            )
        mark = latest_mark(run)
        is_noted = (
            origin.is_complete and origin.seen.get("latest") == mark and origin.seen.get("stage") == run.stage
        )
        is_noted = is_noted and points == origin.seen.get("points") and before == dict(self.report.made)
        origin.seen["latest"] = mark
        if not is_noted:
            origin.seen["checked"] = False
        return not is_noted

    def _keys_of(self, runs: Sequence[SourceRun], origins: Mapping[str, Origin]) -> dict[str, list[str]]:
        """The metrics of each run whose points have to be read, of which the reader hears as well."""
        counts = self.reader.counts([run.id for run in runs])
        keys = {
            run.id: self._keys(run, origins[run.id], None if counts is None else counts.get(run.id))
            for run in runs
        }
        self.reader.expect([(run, keys[run.id]) for run in runs if keys[run.id]])
        return keys

    def _keys(self, run: SourceRun, origin: Origin, counts: Mapping[str, int] | None) -> list[str]:
        """The metrics whose points have to be read: all at first, later those with news."""
        keys = [key for key in sorted({key for key, *_ in run.latest}) if self._points.is_takeable(run, key)]
        old = origin.seen.get("points")
        if old is None or self.options.is_full:
            return keys
        if counts is not None:
            return [key for key in keys if old.get(key, [0])[0] != counts.get(key, 0)]
        return [] if origin.seen.get("latest") == latest_mark(run) else keys

    def _finish(self, experiment: Experiment, done: Sequence[SourceRun], origins: dict[str, Origin]) -> None:
        if not done:
            return
        stages = {}
        for run in done:
            origin = origins[run.id]
            if origin.seen.get("stage") != run.stage:
                stages[UUID(origin.here)] = run.stage
                origin.seen["stage"] = run.stage
        kept = runs_finish(
            actor=self.actor, experiment=experiment, stages=stages, origins=[origins[run.id] for run in done]
        )
        for run_id in kept:
            self.report.leave_out(
                "deletion of run", run_id.hex, "a legal hold keeps it; release the hold first"
            )

    def _models(self, experiment: Experiment, found: SourceExperiment) -> dict[str, str]:
        """Bring the logged models of an experiment; their ids here by those of the source."""
        here: dict[str, str] = {}
        for model in self.reader.models(found):
            here.update(self._model(experiment, model_clean(model, self.report)))
        return here

    def _model(self, experiment: Experiment, model: SourceModel) -> dict[str, str]:
        origin = origins_of(self.peer, "logged_model", [model.id]).get(model.id)
        runs = self._runs_here({model.run_id or "", *(point.run_id for point in model.points)})
        if origin is None:
            try:
                origin = logged_model_import(
                    actor=self.actor, experiment=experiment, peer=self.peer, found=model,
                    run_id=runs.get(model.run_id or ""),
                )  # fmt: skip
            except ProtocolError as no:
                self.report.leave_out("logged model", model.id, no.detail)
                return {}
            self.report.made["logged models"] += 1
        target = LoggedModel.objects.get(pk=origin.here)
        if self.options.with_files and not target.digest:
            self._files.bring(
                f"model:{model.id}", target.pk, model.artifact_uri, lambda path: model_place(target, path)
            )
        if not origin.is_complete or {**origin.seen, **model_seen(model)} != origin.seen:
            logged_model_finish(actor=self.actor, model=target, origin=origin, found=model, runs=runs)
        for point in model.points:
            if point.run_id not in runs:
                self.report.leave_out(
                    "metric of logged model", model.id, f"its run {point.run_id} did not come"
                )
        return {model.id: target.pk}

    def _runs_here(self, ids: set[str]) -> dict[str, UUID]:
        return {there: UUID(origin.here) for there, origin in origins_of(self.peer, "run", ids).items()}

    def _links(
        self, experiment: Experiment, links: Sequence[tuple[str, Link]], models: dict[str, str]
    ) -> None:
        """Note what runs read and made, where that is not noted yet."""
        wanted = []
        for there, link in links:
            named = set(link.read) | set(link.made)
            known = {
                key: origin.here for key, origin in origins_of(self.peer, "logged_model", named).items()
            } | models
            for missing in named - known.keys():
                self.report.leave_out("logged model", missing, f"run {there} names it, and it did not come")
            new = Link(
                link.run, [known[each] for each in link.read if each in known],
                {known[each]: step for each, step in link.made.items() if each in known},
            )  # fmt: skip
            if not _is_linked(new):
                wanted.append(new)
        if wanted:
            links_import(actor=self.actor, experiment=experiment, links=wanted)


def _is_linked(link: Link) -> bool:
    read = set(RunModelInput.objects.filter(run=link.run).values_list("model_id", flat=True))
    made = dict(RunOutput.objects.filter(run=link.run).values_list("model_id", "step"))
    return set(link.read) <= read and all(made.get(key) == step for key, step in link.made.items())

"""What an import would do, found without writing anything."""

from experiments.models import Experiment
from portal.accounts.models import Workspace
from registry.models import RegisteredModel
from transfer.importing import Options
from transfer.models import IN, Origin, Peer
from transfer.objects import Reader, SourceExperiment
from transfer.progress import Progress
from transfer.report import Report
from transfer.services.origins import origins_of


def survey(workspace: Workspace, reader: Reader, progress: Progress, options: Options) -> Report:
    """Count what is new at the source, and list the names that are taken."""
    report = Report(reader.address, f"workspace {workspace.name}", is_dry=True)
    peer = Peer.objects.filter(
        workspace=workspace, direction=IN, kind=reader.kind, address=reader.address
    ).first()
    for found in reader.experiments():
        if not options.names or found.name in options.names:
            _experiment(workspace, reader, peer, found, progress, options, report)
    if options.with_registry:
        _registry(workspace, reader, peer, report)
    return report


def _experiment(
    workspace: Workspace, reader: Reader, peer: Peer | None, found: SourceExperiment, progress: Progress,
    options: Options, report: Report,
) -> None:  # fmt: skip
    is_known = found.id in _known(peer, "experiment", [found.id])
    taken = not is_known and Experiment.objects.filter(workspace=workspace, name=found.name).exists()
    if taken and not (options.merge or found.is_default):
        report.leave_out(
            "experiment", found.name, "the workspace has one of that name; rename one, or give --merge"
        )
        return
    runs = 0
    for page in reader.runs(found):
        new = [run for run in page if run.id not in _known(peer, "run", [run.id for run in page])]
        runs += len(page)
        report.made["runs"] += len(new)
        report.made["metrics"] += sum(len({key for key, *_ in run.latest}) for run in new)
        progress.step("runs", len(page))
    models = [model.id for model in reader.models(found)]
    report.made["logged models"] += len(models) - len(_known(peer, "logged_model", models))
    report.made["experiments"] += int(not is_known and bool(runs or not found.is_default))


def _registry(workspace: Workspace, reader: Reader, peer: Peer | None, report: Report) -> None:
    for found in reader.registered():
        is_known = found.name in _known(peer, "registered_model", [found.name])
        taken = RegisteredModel.objects.filter(workspace=workspace, name=found.name, deleted_at=None).exists()
        if taken and not is_known:
            report.leave_out("registered model", found.name, "the workspace has one of that name")
            continue
        versions = [f"{found.name}/{version.number}" for version in found.versions]
        report.made["versions"] += len(versions) - len(_known(peer, "version", versions))
        report.made["registered models"] += int(not is_known)


def _known(peer: Peer | None, kind: str, there: list[str]) -> dict[str, Origin]:
    return origins_of(peer, kind, there) if peer else {}

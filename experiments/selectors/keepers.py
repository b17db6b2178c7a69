"""Why a run cannot be collected: who points at it, at its logged models or at their files.

Rows that point with PROTECT are found through the models themselves, so what an app above adds keeps runs, too.
"""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.apps import apps
from django.db.models import CASCADE, PROTECT, Model
from django.db.models.fields.reverse_related import ForeignObjectRel

from compliance.models import LegalHold
from experiments.artifacts.locations import MODELS_FOLDER
from experiments.models import LoggedModel, Run
from experiments.models.logged_model import PENDING
from portal.kernel import sql

STILL_WRITTEN_MS = 86_400_000
_TAKEN_FROM_REPORTS = """
SELECT DISTINCT found[1] FROM experiments_reportversion v JOIN experiments_report r ON r.id = v.report_id,
    regexp_matches(v.body, '[0-9a-f]{32}', 'g') AS found
WHERE r.workspace_id = %(workspace)s AND found[1] = ANY(%(hexes)s::text[])
"""
_FILES_HELD = """
SELECT path FROM experiments_artifacthold WHERE workspace_id = %(workspace)s
    AND split_part(path, '/', 3) || '/' || split_part(path, '/', 4) LIKE ANY(%(names)s::text[])
"""


def kept_runs(workspace_id: int, ids: Sequence[UUID], *, now_ms: int) -> dict[UUID, str]:
    """The runs among these that stay, each with the reason."""
    models = dict(LoggedModel.objects.filter(source_run__in=ids).values_list("pk", "source_run_id"))
    kept: dict[UUID, str] = {}
    for run_id, reason in (
        *_held(workspace_id, ids, models),
        *_pointed_at(Run, {run_id: run_id for run_id in ids}, but=LoggedModel),
        *_pointed_at(LoggedModel, models),
        *_written(ids, now_ms),
        *_named_as_subject(ids, models),
        *_in_reports(workspace_id, ids),
        *_with_held_files(workspace_id, ids, models),
    ):
        kept.setdefault(run_id, reason)
    return kept


def runs_on_hold(workspace_id: int, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The runs among these that a legal hold keeps, itself or through what they are in or made."""
    models = dict(LoggedModel.objects.filter(source_run__in=ids).values_list("pk", "source_run_id"))
    return dict(_held(workspace_id, ids, models))


def _held(workspace_id: int, ids: Sequence[UUID], models: dict[str, UUID]) -> Iterator[tuple[UUID, str]]:
    experiments = dict(Run.objects.filter(pk__in=ids).values_list("pk", "experiment_id"))
    holds = LegalHold.objects.filter(workspace=workspace_id, released_at=None)
    held = {(hold.subject_type, hold.subject_id): hold for hold in holds}
    of_models = [(("loggedmodel", key), run_id) for key, run_id in models.items()]
    named = [(("workspace", str(workspace_id)), run_id) for run_id in ids]
    named += [(("run", run_id.hex), run_id) for run_id in ids] + of_models
    named += [(("experiment", str(number)), run_id) for run_id, number in experiments.items()]
    for key, run_id in named:
        if key in held:
            yield run_id, f"a legal hold on {held[key].subject_label} keeps it"


def _pointed_at(
    kind: type[Model], runs: "dict[UUID, UUID] | dict[str, UUID]", *, but: type[Model] | None = None
) -> Iterator[tuple[UUID, str]]:
    """What refers to rows of a kind and must not lose them; `runs` says to which run each of them belongs."""
    for relation in kind._meta.related_objects:
        model = relation.related_model
        if not isinstance(model, type) or model is but or relation.on_delete is not PROTECT:
            continue
        for key, own in _pointers(relation, model, list(runs)):
            if own != runs[key]:  # type: ignore[index]
                yield runs[key], f"a {model._meta.verbose_name} refers to {_what(kind)}"  # type: ignore[index]


def _pointers(
    relation: ForeignObjectRel, model: type[Model], keys: Sequence[object]
) -> Iterable[tuple[UUID | str, UUID | None]]:
    """The rows that point at one of the keys, with the run that they belong to themselves."""
    column = relation.field.attname
    found = model._default_manager.filter(**{f"{column}__in": keys})
    goes_with_run = any(
        field.name == "run" and field.remote_field.on_delete is CASCADE
        for field in model._meta.concrete_fields
        if field.remote_field
    )
    if goes_with_run:
        return found.values_list(column, "run_id")
    return ((key, None) for key in found.values_list(column, flat=True))


def _what(kind: type[Model]) -> str:
    return "it" if kind is Run else "a logged model of it"


def _written(ids: Sequence[UUID], now_ms: int) -> Iterator[tuple[UUID, str]]:
    """Runs whose logged models may still be on their way."""
    fresh = LoggedModel.objects.filter(
        source_run__in=ids, status=PENDING, last_updated_timestamp__gt=now_ms - STILL_WRITTEN_MS
    )
    for run_id in fresh.values_list("source_run_id", flat=True):
        if run_id is not None:
            yield run_id, "a logged model of it is still being written"


def _named_as_subject(ids: Sequence[UUID], models: dict[str, UUID]) -> Iterator[tuple[UUID, str]]:
    """Approvals, evidence, findings and the like, which name what they are about by a type and an id."""
    runs = {run_id.hex: run_id for run_id in ids} | {str(run_id): run_id for run_id in ids}
    for model in apps.get_models():
        fields = {field.name for field in model._meta.concrete_fields}
        if model is LegalHold or not {"subject_type", "subject_id"} <= fields:
            continue
        for kind, keys in (("run", runs), ("loggedmodel", models)):
            about = model._default_manager.filter(subject_type=kind, subject_id__in=list(keys))
            for key in about.values_list("subject_id", flat=True):
                yield keys[key], f"its {model._meta.verbose_name} needs it"


def _in_reports(workspace_id: int, ids: Sequence[UUID]) -> Iterator[tuple[UUID, str]]:
    hexes = [run_id.hex for run_id in ids]
    for (found,) in sql.rows(_TAKEN_FROM_REPORTS, {"workspace": workspace_id, "hexes": hexes}):
        yield UUID(found), "a report shows it"


def _with_held_files(
    workspace_id: int, ids: Sequence[UUID], models: dict[str, UUID]
) -> Iterator[tuple[UUID, str]]:
    """Runs whose files, or those of their models, are those of a registered version."""
    owners = {run_id.hex: run_id for run_id in ids} | {
        f"{MODELS_FOLDER}/{key}": run for key, run in models.items()
    }
    names = [f"{run_id.hex}/%" for run_id in ids] + [f"{MODELS_FOLDER}/{key}" for key in models]
    for (path,) in sql.rows(_FILES_HELD, {"workspace": workspace_id, "names": names}):
        third, fourth = path.split("/")[2:4]
        owner = owners.get(third) or owners.get(f"{third}/{fourth}")
        if owner is not None:
            yield owner, "a registered model version is made of its files"

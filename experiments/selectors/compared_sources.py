"""What runs were made from, side by side: packages and data."""

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.artifacts.store import artifact_store
from experiments.data.schemas import SchemaDifference, schema_difference
from experiments.models import LoggedModel, RunInput
from experiments.selectors.artifacts import model_place, run_place
from experiments.selectors.compared import Beside
from portal.kernel.errors import DomainError

FILE_BYTES = 256 * 1024
_READERS = 8
_LOCK_NAMES = ("requirements.txt", "pip-freeze.txt", "pip_freeze.txt")
_PACKAGE = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(==|===|@|>=|~=|<=|<|>)\s*([^;#\s]+)")
_PYTHON = re.compile(r"^\s*python\s*:\s*([\w.]+)", re.MULTILINE)


@dataclass(frozen=True)
class SchemaBeside:
    """How the columns of a dataset of one run differ from those of the baseline's."""

    run: Beside
    name: str
    difference: SchemaDifference


def environments(runs: Sequence[Beside]) -> list[dict[str, str]]:
    """For each run its packages by name, with `Python`; empty where it logged no list of them.

    Lists lie beside the run's own artifacts, or in the model that it logged last. They are read several at a
    time, since each may be a call to an object store.
    """
    models: dict[UUID, LoggedModel] = {}
    for model in LoggedModel.objects.filter(
        source_run__in=[each.run.pk for each in runs], lifecycle_stage="active"
    ).order_by("creation_timestamp"):
        models[model.source_run_id or UUID(int=0)] = model
    places = [_places(each, models.get(each.run.pk)) for each in runs]
    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(_environment, places))


def packages_of(text: str) -> dict[str, str]:
    """The packages of a requirements file, by their normal name."""
    found = {}
    for line in text.splitlines():
        if match := _PACKAGE.match(line):
            name, relation, version = match.groups()
            found[re.sub(r"[-_.]+", "-", name).lower()] = (
                version if relation == "==" else f"{relation} {version}"
            )
    return found


def dataset_columns(runs: Sequence[Beside]) -> list[dict[str, Any]]:
    """For each run one entry a fact of each dataset that it read: digest, rows, source, number of columns."""
    columns: dict[UUID, dict[str, Any]] = {each.run.pk: {} for each in runs}
    for read in _inputs(runs):
        name = f"{read.dataset.name}{f' ({read.context})' if read.context else ''}"
        schema, profile = _schema(read.dataset.schema), _parsed(read.dataset.profile)
        facts = {
            "digest": read.dataset.digest,
            "rows": profile.get("num_rows") if isinstance(profile, dict) else None,
            "columns": len(schema) if schema else None,
            "source": f"{read.dataset.source_type}: {read.dataset.source[:200]}",
        }
        columns[read.run_id].update(
            {f"{name}, {fact}": value for fact, value in facts.items() if value is not None}
        )
    return list(columns.values())


def schema_differences(runs: Sequence[Beside], base: Beside) -> list[SchemaBeside]:
    """Datasets of the same name and use whose columns are not those of the baseline's."""
    inputs = _inputs(runs)
    wanted = {
        (read.dataset.name, read.context): read.dataset for read in inputs if read.run_id == base.run.pk
    }
    by_id, found = {each.run.pk: each for each in runs}, []
    for read in inputs:
        before = wanted.get((read.dataset.name, read.context))
        if before is None or read.dataset.schema == before.schema:
            continue
        difference = schema_difference(_schema(before.schema), _schema(read.dataset.schema))
        if not difference.is_same:
            found.append(SchemaBeside(by_id[read.run_id], read.dataset.name, difference))
    return found


def text_at(path: str) -> str | None:
    """The beginning of a text file of the store; None where there is none."""
    with suppress(DomainError):
        return b"".join(artifact_store().open(path, 0, FILE_BYTES).chunks).decode("utf-8", "replace")
    return None


def _inputs(runs: Sequence[Beside]) -> list[RunInput]:
    found = RunInput.objects.filter(run__in=[each.run.pk for each in runs]).select_related("dataset")
    return list(found.order_by("dataset__name", "dataset_id"))


def _places(each: Beside, model: LoggedModel | None) -> tuple[list[str], list[str]]:
    """Where a list of packages may lie, and where the version of Python."""
    locks = [run_place(each.run, name).path for name in _LOCK_NAMES]
    if model is None:
        return locks, [run_place(each.run, "python_env.yaml").path]
    return [*locks, model_place(model, "requirements.txt").path], [model_place(model, "python_env.yaml").path]


def _environment(places: tuple[list[str], list[str]]) -> dict[str, str]:
    locks, pythons = places
    found = packages_of(next((text for place in locks if (text := text_at(place)) is not None), ""))
    text = next((text for place in pythons if (text := text_at(place)) is not None), "")
    version = _PYTHON.search(text)
    return {"Python": version[1], **found} if version else found


def _schema(text: str | None) -> list[dict[str, Any]]:
    """MLflow's columns as those of the portal; those that it nests or calls tensors are one column each."""
    parsed = _parsed(text)
    columns = parsed.get("mlflow_colspec") if isinstance(parsed, dict) else None
    return [
        {"name": str(each.get("name", number)), "type": str(each.get("type", "")),
         "nullable": not each.get("required", True)}
        for number, each in enumerate(columns or [])
        if isinstance(each, dict)
    ]  # fmt: skip


def _parsed(text: str | None) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(text or "null")
    return None

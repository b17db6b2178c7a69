"""Where the runs of an export of W&B's stand: in a table, in folders, or in both."""

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from transfer.objects import SourceUnavailable
from transfer.sources.tables import Row, table_rows
from transfer.sources.wandb_charts import Chart, charts_by_run
from transfer.sources.wandb_values import as_number

_HISTORIES = (
    "history",
    "metrics",
    "run_history",
    "0000",
)  # the last is the name in W&B's own artifact of a history
_EVENTS = ("events", "system_metrics")
_CONFIGS = ("config.yaml", "config.yml", "config.json")
_SUMMARIES = ("wandb-summary.json", "summary.json", "summary.yaml")
_METADATA = ("wandb-metadata.json", "metadata.json", "run.json")
_FIELDS = {
    "name": ("name", "display_name"), "id": ("id", "run_id", "run id"), "state": ("state",),
    "user": ("user", "username"), "notes": ("notes",), "tags": ("tags",), "group": ("group",),
    "job_type": ("job type", "job_type", "jobtype"), "sweep": ("sweep",),
    "created": ("created", "created_at", "createdat", "startedat"), "runtime": ("runtime", "_runtime"),
    "project": ("project",), "entity": ("entity",), "host": ("hostname", "host"),
}  # fmt: skip
_FIELD_OF = {text: name for name, texts in _FIELDS.items() for text in texts}


@dataclass
class Found:
    """One run: what the table and its folder say of it."""

    fields: dict[str, str] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    histories: list[Path] = field(default_factory=list)
    events: list[Path] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    folder: Path | None = None


def exports_listed(root: Path) -> dict[str, Found]:
    """The runs by their ids: those of the table first, then those that only have a folder. Raises SourceUnavailable."""
    folders = {folder.name: folder for folder in _run_folders(root)}
    listed: dict[str, Found] = {}
    tables = {table: charts_by_run(table) for table in sorted(root.glob("*.csv"))}
    for table in (table for table, charts in tables.items() if not charts):
        for row in _runs_of(table):
            found = _of_table(row)
            run_id = found.fields.get("id") or found.fields.get("name") or ""
            if run_id and run_id not in listed:
                listed[run_id] = found
                _folder_add(found, _folder_of(folders, found))
    for name, folder in folders.items():
        found = Found()
        _folder_add(found, folder)
        listed[found.fields.get("id") or name] = found
    _charts_add(listed, tables.values())
    return listed


def _charts_add(listed: dict[str, Found], charts: Iterable[dict[str, Chart]]) -> None:
    """Give charts to the runs of their names. A history has all points, and more than a chart says of them."""
    by_name = {found.fields["name"]: found for found in reversed(listed.values()) if "name" in found.fields}
    for name, chart in (pair for each in charts for pair in each.items()):
        found = by_name.get(name) or listed.setdefault(name, Found(fields={"name": name}))
        if not found.histories:
            found.charts.append(chart)


def _run_folders(root: Path) -> Iterator[Path]:
    for folder in (root, *sorted(each for each in root.iterdir() if each.is_dir() and not each.is_symlink())):
        if (
            _files_in(folder, _HISTORIES)
            or any((folder / name).is_file() for name in (*_CONFIGS, *_SUMMARIES))
            or (folder != root and (folder / "files").is_dir() and list(_run_folders(folder / "files")))
        ):
            yield folder


def _folder_of(folders: dict[str, Path], found: Found) -> Path | None:
    """The folder of a run of the table, by its id or its name, alone or at the end of the folder's name."""
    for text in (found.fields.get("id"), found.fields.get("name")):
        for name in list(folders) if text else ():
            if name == text or name.endswith((f"-{text}", f"_{text}")):
                return folders.pop(name)
    return None


def _folder_add(found: Found, folder: Path | None) -> None:
    if folder is None:
        return
    found.folder = folder
    places = [folder, *([folder / "files"] if (folder / "files").is_dir() else [])]
    for place in places:
        found.histories += _files_in(place, _HISTORIES)
        found.events += _files_in(place, _EVENTS)
        found.config |= {key: _value_of(value) for key, value in _object(place, _CONFIGS).items()}
        found.summary |= _object(place, _SUMMARIES)
        for key, value in _object(place, _METADATA).items():
            name = _FIELD_OF.get(key.lower())
            if name and value and not isinstance(value, dict):
                found.fields.setdefault(
                    name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
                )


def _files_in(folder: Path, stems: Iterable[str]) -> list[Path]:
    """The first of these files: the same history in two forms is one history."""
    wanted = [
        folder / f"{stem}{suffix}" for stem in stems for suffix in (".parquet", ".jsonl", ".ndjson", ".csv")
    ]
    return [file for file in wanted if file.is_file() and not file.is_symlink()][:1]


def _object(folder: Path, names: Iterable[str]) -> dict[str, Any]:
    file = next((folder / name for name in names if (folder / name).is_file()), None)
    if file is None or file.is_symlink():
        return {}
    try:
        found = yaml.safe_load(file.read_bytes()) if file.suffix != ".json" else json.loads(file.read_bytes())
    except (ValueError, yaml.YAMLError, OSError) as error:
        raise SourceUnavailable(f"{file.name} of {folder.name} cannot be read: {error}") from error
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _value_of(value: Any) -> Any:
    """W&B's own config.yaml writes `{desc, value}` for each value."""
    return (
        value["value"]
        if isinstance(value, dict) and set(value) <= {"desc", "value"} and "value" in value
        else value
    )


def _runs_of(table: Path) -> Iterator[Row]:
    """The rows, where the columns are those of a table of runs and not of a history."""
    for number, row in enumerate(table_rows(table)):
        names = {key.lower() for key in row}
        if number == 0 and (
            "_step" in names or table.stem in _HISTORIES or not names & {"name", "id", "run_id"}
        ):
            return
        yield row


def _of_table(row: Row) -> Found:
    found = Found()
    for column, text in row.items():
        kind, _, key = column.partition(".")
        name = _FIELD_OF.get(column.lower())
        if column.lower() in ("config", "summary"):
            (found.config if column.lower() == "config" else found.summary).update(_literal(text))
        elif kind.lower() in ("config", "summary") and key:
            found.config |= {key: text} if kind.lower() == "config" else {}
            found.summary |= {key: as_number(text)} if kind.lower() == "summary" else {}
        elif name:
            found.fields.setdefault(name, str(text))
        elif isinstance(as_number(text), float):
            found.summary[column] = as_number(text)
        else:
            found.config[column] = text
    return found


def _literal(text: Any) -> dict[str, Any]:
    """An object as JSON, or as Python writes it, which is what a data frame makes of it."""
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(str(text)) if not isinstance(text, dict) else text
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, dict):
            return {str(key): value for key, value in found.items()}
    return {}

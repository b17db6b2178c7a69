"""What people take out of W&B: a table of runs as its pages or its API export it, and a folder for each run.

A folder of a run holds its history (`history` or `metrics`, as CSV, JSON lines or Parquet), `config` and `summary`
(YAML or JSON, also by the names that W&B gives them), `metadata`, and whatever else belongs to it. A table `*.csv`
beside the folders has a row for each run, with the columns of the runs' page, or with `config` and `summary` as objects
or as columns that begin with these words. A column of the page is a metric where its value is a number, else a param:
the page does not tell which it is. What a summary says beyond a history is a tag, as it is for W&B's own folders. A
table whose columns are a step and `run - metric` is a chart, a sample of the points of the runs of these names: it
counts where there is no history.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from transfer.objects import Latest, Points, SourceRun, SourceUnavailable
from transfer.sources.columns import columns_of
from transfer.sources.folders import FolderReader
from transfer.sources.names import Names
from transfer.sources.tables import Row, table_rows
from transfer.sources.wandb_found import Found, exports_listed
from transfer.sources.wandb_values import (
    OWN,
    as_float,
    as_number,
    as_text,
    flatten,
    system_name,
    without_media,
)

_STATUS = {"finished": "FINISHED", "failed": "FAILED", "crashed": "FAILED", "killed": "KILLED"}
_TAGS = {
    "notes": "mlflow.note.content", "tags": "wandb.tags", "group": "wandb.group", "job_type": "wandb.job_type",
    "sweep": "wandb.sweep_id", "project": "wandb.project", "entity": "wandb.entity", "host": "wandb.host",
}  # fmt: skip


class WandbExportReader(FolderReader):
    """A folder with a table of runs, folders of runs, or both; or the folder of one run."""

    kind = "wandb"

    def __init__(self, folder: Path, *, name: str, address: str = "") -> None:
        super().__init__(folder, name=name, address=address)
        self._names: dict[str, Names] = {}
        self._found = exports_listed(self.folder)
        if not self._found:
            raise SourceUnavailable(
                f"{folder} holds no runs of W&B's: no folder run-* with a .wandb file in it, no folder with a history, "
                "config or summary, no table of runs (a CSV file with a column Name or ID), and no chart (a CSV file "
                "with a column Step and columns 'run - metric')."
            )

    def found_runs(self) -> Iterator[SourceRun]:
        for run_id, found in self._found.items():
            yield self._run(run_id, found)

    def history(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        wanted = set(keys)
        return columns_of(row for row in self._rows(run.id) if row[0] in wanted)

    def _run(self, run_id: str, found: Found) -> SourceRun:
        latest: dict[str, Latest] = {}
        first, last = _milliseconds(found.fields.get("created", "")), 0
        for key, step, moment, value in self._rows(run_id):
            old = latest.get(key)
            if old is None or (old[3], old[2]) <= (step, moment):
                latest[key] = (key, value, moment, step)
            first, last = first or moment, max(last, moment)
        runtime = int((as_float(as_number(found.fields.get("runtime", ""))) or 0) * 1000)
        name = found.fields.get("name") or run_id
        tags = {"mlflow.runName": name, "wandb.run_id": run_id}
        tags |= {_TAGS[key]: value for key, value in found.fields.items() if key in _TAGS}
        summary = without_media(_flat(found.summary))
        tags |= {
            f"wandb.summary.{key}"[:250]: as_text(value)[:5000]
            for key, value in summary.items()
            if not key.startswith(OWN) and key not in latest and (found.histories or as_float(value) is None)
        }
        if found.charts:
            tags["wandb.sampled_from"] = ", ".join(chart.file.name for chart in found.charts)[:5000]
        config = {
            key: as_text(value) for key, value in _flat(found.config).items() if not key.startswith("_wandb")
        }
        names = Names()
        return SourceRun(
            id=run_id[:500], name=name[:250], user_name=found.fields.get("user", ""),
            status=_STATUS.get(found.fields.get("state", "finished").lower(), "KILLED"), stage="active",
            start_time=first, end_time=max(first + runtime, last),
            params={names.of(key): value for key, value in config.items()},
            tags=tags, latest=sorted(latest.values()), artifact_uri=str(found.folder or ""),
            sampled=self._sampled(run_id),
        )  # fmt: skip

    def _sampled(self, run_id: str) -> frozenset[str]:
        """The metrics that only a chart or a summary tells of."""
        names, found = self._names[run_id], self._found[run_id]
        return frozenset(map(names.of, [*_drawn(found), *(key for key, _ in _alone(found))]))

    def _rows(self, run_id: str) -> Iterator[tuple[str, int, int, float]]:
        """Points of the history and of the machine, of charts, and of the summary where there is neither."""
        found, names = self._found[run_id], self._names.setdefault(run_id, Names())
        start = _milliseconds(found.fields.get("created", ""))
        for number, row in enumerate(_chained(found.histories)):
            step, moment = _place(row, number, start)
            for key, value in _numbers(row):
                yield names.of(key), step, moment, value
        for number, row in enumerate(_chained(found.events)):
            for key, value in _numbers(row):
                name, factor = system_name(key)
                yield names.of(name), number, _place(row, number, start)[1], value * factor
        for key, number, row, value in _points_drawn(found):
            yield names.of(key), *_place(row, number, start), value
        for key, value in _alone(found):
            yield names.of(key), 0, start, value


def _drawn(found: Found) -> set[str]:
    return {metric for chart in found.charts for metric in chart.columns.values()}


def _points_drawn(found: Found) -> Iterator[tuple[str, int, Row, float]]:
    """The points of charts: `(metric, number of the row, row, value)`."""
    for chart in found.charts:
        for number, row in enumerate(table_rows(chart.file)):
            for column, metric in chart.columns.items():
                value = as_float(as_number(row.get(column)))
                if value is not None:
                    yield metric, number, row, value


def _alone(found: Found) -> Iterator[tuple[str, float]]:
    """The numbers of a summary that are all there is of a metric."""
    drawn = _drawn(found)
    if not found.histories:
        yield from ((key, value) for key, value in _numbers(found.summary) if key not in drawn)


def _chained(files: Iterable[Path]) -> Iterator[Row]:
    for file in files:
        yield from table_rows(file)


def _numbers(row: Row) -> Iterator[tuple[str, float]]:
    for key, value in without_media(_flat(row)).items():
        number = as_float(as_number(value))
        if number is not None and not key.startswith((*OWN, "Unnamed: ")) and key.lower() != "step":
            yield key, number


def _place(row: Row, number: int, start: int) -> tuple[int, int]:
    """Step and time of a row: its own, else its place and the time since the start."""
    step = as_float(as_number(row.get("_step", row.get("Step", row.get("step", number)))))
    moment = as_float(as_number(row.get("_timestamp")))
    runtime = as_float(as_number(row.get("_runtime"))) or 0
    try:
        return int(number if step is None else step), int(
            start + runtime * 1000 if not moment else moment * 1000
        )
    except (ValueError, OverflowError) as error:
        raise SourceUnavailable(
            f"Row {number + 1} of a history has a step or a time that is no number."
        ) from error


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flatten(flat, key, value)
    return flat


def _milliseconds(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        number = as_float(as_number(text)) or 0
        return int(number if number > 1e11 else number * 1000) if 0 < number < 1e14 else 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp() * 1000)

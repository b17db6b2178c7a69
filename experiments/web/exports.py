"""Runs as CSV, JSON and Parquet: what a table shows, in chunks."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.http import StreamingHttpResponse

from experiments.selectors.table_rows import default_columns, table_rows
from portal.accounts.actor import Actor
from portal.exports import CHUNK, FORMS, Kind, Records, records_answer

__all__ = ["FORMS", "export_answer"]
HEAD = ("run_id", "run_name", "experiment")
_TIMES = ("attributes.start_time", "attributes.end_time", "attributes.duration")


def export_answer(actor: Actor, ids: list[UUID], columns: Sequence[str], form: str) -> StreamingHttpResponse:
    """The runs in the order of the ids, with the columns of the table; without columns, the usual ones."""
    shown = list(columns) or default_columns(ids[:CHUNK], is_one=True)
    head = [(name, _kind(name)) for name in (*HEAD, *shown)]
    return records_answer("runs", form, head, _records(actor, ids, shown))


def _records(actor: Actor, ids: list[UUID], columns: list[str]) -> Iterator[Records]:
    for start in range(0, len(ids), CHUNK):
        yield [
            {
                "run_id": row.id, "run_name": row.name, "experiment": row.experiment_name,
                **{name: cell.value for name, cell in zip(columns, row.cells, strict=True)},
            }
            for row in table_rows(actor, ids[start : start + CHUNK], columns)
        ]  # fmt: skip


def _kind(name: str) -> Kind:
    """Times of runs are milliseconds since the epoch, as everywhere in MLflow's protocol."""
    if name.startswith("metrics."):
        return "number"
    return "integer" if name in _TIMES else "text"

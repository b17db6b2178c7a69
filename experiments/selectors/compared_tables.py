"""A table of each run beside that of the baseline: columns, numbers of rows, and cells, by their place or by a key.

By place, only the rows of one page of both tables are read. By a key, the rows of the baseline are held, within a bound
of cells, and those of the other table go by; what is beyond the bound is not compared, and the answer says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from experiments.artifacts.tables import ROWS_A_PAGE, TablePage, table_columns, table_page, table_rows
from experiments.selectors.artifacts import run_place
from experiments.selectors.compared import Beside
from portal.kernel.errors import InvalidInput, NotFound

CELLS_HELD = 400_000
ADD, REMOVE, CHANGE = "add", "remove", "change"


@dataclass(frozen=True)
class ColumnLine:
    """A column that is not alike on both sides; the type is empty where there is none of that name."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RowLine:
    """A row: its number or key, what became of it, and each cell with what the baseline has, where that differs."""

    name: str
    kind: str
    cells: list[tuple[str, str | None]]


@dataclass
class Keyed:
    """How many rows of the two tables met by their key."""

    same: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    repeated: int = 0
    is_cut: bool = False


@dataclass(frozen=True)
class TableDifference:
    """One table beside the baseline's. `before` and `after` are numbers of rows, None where nobody counted."""

    run: Beside
    head: list[str] = field(default_factory=list)
    columns: list[ColumnLine] = field(default_factory=list)
    before: int | None = None
    after: int | None = None
    rows: list[RowLine] = field(default_factory=list)
    keyed: Keyed | None = None
    is_there: bool = True
    is_cut: bool = False
    has_more: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.columns) or any(row.kind for row in self.rows)


def table_differences(
    runs: Sequence[Beside], base: Beside, path: str, *, page: int = 1, by: str = ""
) -> list[TableDifference] | None:
    """Every run but the baseline; None where the file of the baseline is no table. Raises InvalidInput for a key."""
    mine = run_place(base.run, path).path
    shown = _page(mine, page)
    if shown is None:
        return None
    if by and by not in shown.head:
        raise InvalidInput(f"The table of {base.run.name} has no column {by[:80]!r} to go by.")
    found = []
    for each in runs:
        if each is not base:
            theirs = run_place(each.run, path).path
            found.append(
                _keyed(each, mine, theirs, page, by) if by else _placed(each, mine, theirs, shown, page)
            )
    return found


def key_choices(base: Beside, path: str) -> list[str]:
    """The columns of the baseline's table, by which rows can be matched."""
    shown = _page(run_place(base.run, path).path, 1)
    return shown.head if shown else []


def _page(path: str, page: int) -> TablePage | None:
    try:
        return table_page(path, page)
    except NotFound:
        return None


def _placed(each: Beside, mine: str, theirs: str, old: TablePage, page: int) -> TableDifference:
    new = _page(theirs, page)
    if new is None:
        return TableDifference(each, is_there=False)
    head, columns = _heads(mine, theirs)
    was, now = (_by_name(side.head, side.rows, head) for side in (old, new))
    rows = []
    for number in range(max(len(was), len(now))):
        before = was[number] if number < len(was) else None
        after = now[number] if number < len(now) else None
        rows.append(_row(str(old.start + number + 1), before, after))
    return TableDifference(
        each, head, columns, old.total, new.total, rows, has_more=old.has_more or new.has_more,
        is_cut=old.is_cut or new.is_cut,
    )  # fmt: skip


def _keyed(each: Beside, mine: str, theirs: str, page: int, by: str) -> TableDifference:
    """Only rows that are not the same are shown, those of the page; all are counted."""
    new = _page(theirs, 1)
    if new is None or by not in new.head:
        return TableDifference(each, is_there=False)
    head, columns = _heads(mine, theirs)
    at_most = max(1, CELLS_HELD // max(1, len(head)))
    counts = Keyed()
    first = (page - 1) * ROWS_A_PAGE
    found = _differing(mine, theirs, head, by, at_most, counts)
    shown = list(islice(found, first, first + ROWS_A_PAGE))
    rest = sum(1 for _ in found)  # for the counts
    place = head.index(by)  # which is the name of each row, and no column beside it
    rows = [replace(row, cells=[*row.cells[:place], *row.cells[place + 1 :]]) for row in shown]
    head = [*head[:place], *head[place + 1 :]]
    return TableDifference(
        each, head, columns, rows=rows, keyed=counts, has_more=rest > 0, is_cut=counts.is_cut
    )


def _differing(
    mine: str, theirs: str, head: list[str], by: str, at_most: int, counts: Keyed
) -> Iterator[RowLine]:
    held: dict[str, list[str | None]] = {}
    place = head.index(by)
    for row in _named_rows(mine, head, at_most, counts):
        key = row[place] or ""
        counts.repeated += key in held
        held.setdefault(key, row)
    seen: set[str] = set()
    for row in _named_rows(theirs, head, at_most, counts):
        key = row[place] or ""
        if key in seen:
            counts.repeated += 1
            continue
        seen.add(key)
        line = _row(key, held.pop(key, None), row)
        _count(counts, line.kind)
        if line.kind:
            yield line
    for key, row in held.items():
        counts.removed += 1
        yield _row(key, row, None)


def _count(counts: Keyed, kind: str) -> None:
    if kind == ADD:
        counts.added += 1
    elif kind == CHANGE:
        counts.changed += 1
    else:
        counts.same += 1


def _named_rows(path: str, head: list[str], at_most: int, counts: Keyed) -> Iterator[list[str | None]]:
    names, rows = table_rows(path)
    for number, row in enumerate(rows):
        if number == at_most:
            counts.is_cut = True
            return
        yield _by_name(names, [row], head)[0]


def _by_name(names: list[str], rows: list[list[str]], head: list[str]) -> list[list[str | None]]:
    """The cells of rows in the order of another head; None where there is no such column."""
    places = {name: number for number, name in reversed(list(enumerate(names)))}
    return [
        [row[places[name]] if name in places and places[name] < len(row) else None for name in head]
        for row in rows
    ]


def _row(name: str, before: list[str | None] | None, after: list[str | None] | None) -> RowLine:
    if before is None or after is None:
        return RowLine(
            name, REMOVE if after is None else ADD, [(cell or "", None) for cell in after or before or []]
        )
    cells = [
        (now or "", None if now == was else ("nothing" if was is None else was or "empty"))
        for was, now in zip(before, after, strict=True)
    ]
    return RowLine(name, CHANGE if any(was is not None for _, was in cells) else "", cells)


def _heads(mine: str, theirs: str) -> tuple[list[str], list[ColumnLine]]:
    """The columns of both, the baseline's first; and those that are not alike."""
    old, new = table_columns(mine), table_columns(theirs)
    head = list(dict.fromkeys([*old, *new]))
    lines = [ColumnLine(name, old.get(name, ""), new.get(name, "")) for name in head]
    return head, [line for line in lines if line.before != line.after]

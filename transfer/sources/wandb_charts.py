"""CSVs of single charts, as W&B's pages export them: a column of steps, then `run - metric` for each line drawn.

Beside each stand its lowest and highest value at that step (`__MIN`, `__MAX`), which are left out: they differ from it
only where the chart drew several points as one.
"""

from dataclasses import dataclass
from pathlib import Path

from transfer.sources.tables import header_of

_STEPS = ("step", "_step")
_TWINS = ("__MIN", "__MAX")
_BETWEEN = " - "


@dataclass(frozen=True)
class Chart:
    """What a chart has of one run: `column -> metric`."""

    file: Path
    columns: dict[str, str]


def charts_by_run(file: Path) -> dict[str, Chart]:
    """The lines of a chart by the names of their runs; empty where the table is none. Raises SourceUnavailable."""
    names = header_of(file)
    if len(names) < 2 or names[0].lower() not in _STEPS or not all(_BETWEEN in name for name in names[1:]):
        return {}
    found: dict[str, Chart] = {}
    for name in names[1:]:
        run, _, metric = name.rpartition(_BETWEEN)
        if run and metric and metric != "_step" and not metric.endswith(_TWINS):
            found.setdefault(run, Chart(file, {})).columns[name] = metric
    return found

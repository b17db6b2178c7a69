"""What a measurement found, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitoring.facts import ALERT, NO_DATA, OK, WARN
from monitoring.validation import is_low_bad


@dataclass(frozen=True)
class Found:
    """`value` is None where nothing could be measured; `summary` then says why. Reports are drawn from `body`."""

    rows: int
    value: float | None
    summary: str
    body: dict[str, Any] = field(default_factory=dict)
    begins_at: Any = None


def judged(kind: str, settings: Mapping[str, Any], value: float | None) -> str:
    """The state that a value stands for: at a threshold is beyond it."""
    if value is None:
        return NO_DATA
    thresholds, is_low = settings["thresholds"], is_low_bad(kind, settings)
    for state, bound in ((ALERT, thresholds["alert"]), (WARN, thresholds.get("warn"))):
        if bound is not None and (value <= bound if is_low else value >= bound):
            return state
    return OK


def too_few(rows: int, needed: int) -> Found:
    return Found(rows, None, f"{rows} rows are in the window; {needed} are needed.")

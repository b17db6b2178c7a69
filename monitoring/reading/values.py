"""Values of a column, sorted into those that can be computed with and those that cannot."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.reading.windows import REDACTED

TEXT = 100
_NUMBERS = frozenset({int, float, type(None)})


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: the finite ones, how many are missing, and how many are something else."""

    values: NDArray[np.float64]
    missing: int
    mistyped: int
    redacted: int


@dataclass(frozen=True)
class Labels:
    """A column of labels: how often each is there, how many are missing, which types they have."""

    counts: dict[str, int]
    missing: int
    redacted: int
    types: Counter[type]


def numbers_of(given: list[Any]) -> Numbers:
    """Numbers of JSON, and texts that are numbers, as a table that came as CSV has them."""
    mistyped = redacted = 0
    if not set(map(type, given)) <= _NUMBERS:
        redacted = sum(1 for each in given if each == REDACTED)
        read = [_number(each) for each in given if each != REDACTED]
        mistyped = sum(1 for each in read if each is _NONE)
        given = [each for each in read if each is not _NONE]
    found = np.array(given, dtype=float)
    finite = found[np.isfinite(found)]
    return Numbers(finite, len(found) - len(finite), mistyped, redacted)


def labels_of(given: Iterable[Any]) -> Labels:
    """Labels as a profile of a dataset names them: as text, and not longer than it keeps."""
    counted: Counter[Any] = Counter()
    types: Counter[type] = Counter()
    missing = redacted = 0
    try:
        tally = Counter((type(each), each) for each in given)
    except TypeError:
        tally = Counter((type(each), str(each) if isinstance(each, (list, dict)) else each) for each in given)
    for (kind, value), count in tally.items():
        if value is None or (kind is float and math.isnan(value)):
            missing += count
        elif value == REDACTED:
            redacted += count
        else:
            counted[str(value)[:TEXT]] += count
            types[kind] += count
    return Labels(dict(counted), missing, redacted, types)


def label(value: Any) -> str:
    """A label as text, so that 1, 1.0, true and "1" are the same."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:TEXT]


_NONE = object()


def _number(value: Any) -> Any:
    """A number, None for what is missing, or a mark for what is neither."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        try:
            return float(value) if value.strip() else None
        except ValueError:
            return _NONE
    return _NONE

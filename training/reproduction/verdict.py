"""From measured differences to a verdict: a pure function, so that a certificate can be judged again.

Classes, from the strictest: `identical` when every file has the same digest, but for the names and times that MLflow
writes into `MLmodel`; `within_tolerance` when metrics and predictions differ by no more than the relative tolerance;
`statistically_equal` when the predictions are equivalent by a one-sided test at 5 %: for numbers, the mean absolute
difference lies below so many standard deviations of the original predictions; for labels, the share that differs lies
below the same margin (upper limit of Wilson's interval, 1927); else `failed`.
"""

import math
from collections.abc import Mapping
from typing import Any

from training.models.reproductions import IDENTICAL, NOT_EQUAL, STATISTICAL, WITHIN

DEFAULT_TOLERANCE = {"relative": 1e-6, "margin_deviations": 0.05}
ROWS_AT_LEAST = 30
_Z95 = 1.645  # of the normal distribution, one-sided; with 30 rows or more Student's t is close to it
_TINY = 1e-12


def metrics_compare(original: Mapping[str, float], again: Mapping[str, float]) -> dict[str, Any]:
    """Per metric both values and the relative difference; a metric that only one of them has differs without bound."""
    found = {}
    for key in sorted(original.keys() | again.keys()):
        first, second = original.get(key), again.get(key)
        found[key] = {
            "original": _plain(first),
            "reproduced": _plain(second),
            "relative": _plain(_relative(first, second)),
        }
    return found


def verdict_of(
    files: list[dict[str, Any]],
    metrics: Mapping[str, Any],
    predictions: Mapping[str, Any],
    tolerance: Mapping[str, float],
) -> tuple[str, str]:
    """The class and a sentence that says why it is no better one.

    `files` have `is_equal`; of `metrics` the relative differences count; `predictions` are what the comparison program
    measured, or hold `problem`.
    """
    changed = [file["path"] for file in files if not file["is_equal"]]
    if files and not changed:
        return IDENTICAL, f"All {len(files)} files of the model are the same."
    told = f"{len(changed)} of {len(files)} files differ ({', '.join(changed[:5])})"
    if "problem" in predictions:
        return NOT_EQUAL, f"{told}, and predictions could not be compared: {predictions['problem']}"
    limit = float(tolerance["relative"])
    far = [key for key, found in metrics.items() if found["relative"] is None or found["relative"] > limit]
    if not far and float(predictions["largest_relative"]) <= limit:
        return WITHIN, f"{told}; metrics and predictions differ by no more than {limit:g} of their value."
    away = f"metrics {', '.join(far[:5])}" if far else "predictions"
    told = f"{told}; {away} differ by more than {limit:g} of their value"
    return _by_statistics(predictions, float(tolerance["margin_deviations"]), told)


def _by_statistics(predictions: Mapping[str, Any], margin: float, told: str) -> tuple[str, str]:
    rows = int(predictions["rows"])
    if rows < ROWS_AT_LEAST:
        return NOT_EQUAL, f"{told}. {rows} rows are too few for a test; {ROWS_AT_LEAST} are needed."
    if predictions["kind"] == "number":
        spread = float(predictions["absolute_deviation"]) / math.sqrt(rows)
        reach, bound = (
            float(predictions["mean_absolute"]) + _Z95 * spread,
            margin * float(predictions["original_deviation"]),
        )
        said = (
            f"the mean absolute difference of {rows} predictions is at most {reach:.3g} with 95 % confidence"
        )
    else:
        reach, bound = _wilson_upper(1.0 - float(predictions["equal_share"]), rows), margin
        said = f"the share of {rows} labels that differ is at most {reach:.3g} with 95 % confidence"
    return (STATISTICAL if reach <= bound else NOT_EQUAL), f"{told}; {said}, allowed is {bound:.3g}."


def _wilson_upper(share: float, rows: int) -> float:
    middle = share + _Z95**2 / (2 * rows)
    reach = _Z95 * math.sqrt(share * (1 - share) / rows + _Z95**2 / (4 * rows**2))
    return (middle + reach) / (1 + _Z95**2 / rows)


def _relative(first: float | None, second: float | None) -> float | None:
    if first is None or second is None:
        return None
    if first == second or (math.isnan(first) and math.isnan(second)):
        return 0.0
    found = abs(first - second) / max(abs(first), abs(second), _TINY)
    return found if math.isfinite(found) else None


def _plain(value: float | None) -> float | str | None:
    """JSON has no infinities."""
    return value if value is None or math.isfinite(value) else str(value)

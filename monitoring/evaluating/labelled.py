"""Performance and fairness: predictions beside what became known of them later.

The body has `metric`, `truth` (the share of rows whose truth is known), and `slices`: by column, groups worst first,
`[{"column", "difference", "groups": [{"name", "rows", "value"}]}]`.
"""

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np

from monitoring.evaluating.found import Found, too_few
from monitoring.facts import PERFORMANCE
from monitoring.models import Monitor
from monitoring.reading.references import Reference, reference_of
from monitoring.reading.values import label
from monitoring.reading.watched import watched_id
from monitoring.reading.windows import Table, table_of, truths_of
from monitoring.statistics.performance import METRICS, NEEDS_NO_TRUTH, Fairness, fairness, performance

GROUPS_AT_MOST, FEWEST = 12, 10


def measure(monitor: Monitor, until: dt.datetime) -> Found:
    """How right the predictions of the window are, or how much it differs between groups."""
    settings = monitor.settings
    table = table_of(
        monitor.endpoint_id, settings["window"], until, prediction=settings.get("prediction"),
        revision_id=watched_id(monitor),
    )  # fmt: skip
    metric, needs_truth = settings["metric"], settings["metric"] not in NEEDS_NO_TRUTH
    truths = truths_of(monitor.endpoint_id, table) if needs_truth else table.predictions
    chosen = [
        place for place, (truth, said) in enumerate(zip(truths, table.predictions, strict=True))
        if truth is not None and said is not None
    ]  # fmt: skip
    if len(chosen) < settings["min_rows"]:
        few = too_few(len(chosen), settings["min_rows"])
        known = f" Of {table.rows} rows in the window, {len(chosen)} have a truth and a prediction."
        return Found(len(chosen), None, few.summary + known, begins_at=table.oldest)
    try:
        truth, predicted = _pair(
            metric, [truths[each] for each in chosen], [table.predictions[each] for each in chosen]
        )
        by_column = _by_column(monitor, table, until, chosen, truth, predicted)
        if monitor.kind == PERFORMANCE:
            value: float | None = performance(metric, truth, predicted)
        else:
            value = max((each.difference for _, each in by_column), default=None)
    except ValueError as error:
        return Found(
            len(chosen), None, f"{metric} cannot be computed: {error}."[:1000], begins_at=table.oldest
        )
    body = {
        "metric": metric,
        "truth": len(chosen) / table.rows,
        "slices": [_shown(*each) for each in by_column],
    }
    return Found(len(chosen), value, _said(monitor, value, by_column, len(chosen)), body, table.oldest)


def _pair(metric: str, truth: list[Any], predicted: list[Any]) -> tuple[Any, Any]:
    """Labels as text, or numbers. Raises ValueError for a number that is none."""
    is_of_numbers = metric in METRICS and not METRICS[metric].is_of_labels
    if not is_of_numbers:
        return np.array([label(each) for each in truth]), np.array([label(each) for each in predicted])
    try:
        return np.array(truth, dtype=float), np.array(predicted, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("truth and predictions must be numbers") from None


def _by_column(
    monitor: Monitor, table: Table, until: dt.datetime, chosen: list[int], truth: Any, predicted: Any
) -> list[tuple[str, Fairness]]:
    settings, found = monitor.settings, []
    if settings["slices"] and not set(settings["slices"]) & table.columns.keys():
        reference = reference_of(monitor, until)
        names = list(reference.columns) if isinstance(reference, Reference) else []
        table.renamed([name for name in names if name and name != settings.get("prediction")])
    positive = label(settings["positive"]) if "positive" in settings else None
    for name in settings["slices"]:
        if name in table.columns:
            values = table.columns[name]
            groups = groups_of([values[each] for each in chosen])
            found.append((name, fairness(settings["metric"], truth, predicted, groups, positive=positive)))
    if monitor.kind != PERFORMANCE and not found:
        raise ValueError(f"no column {', '.join(settings['slices'])} is in the window")
    return found


def groups_of(values: list[Any]) -> Any:
    """Values as names of groups: numbers of many kinds by quarters of them, rare labels together."""
    known = [each for each in values if isinstance(each, (int, float)) and not isinstance(each, bool)]
    if len(known) == len(values) and len(set(known)) > GROUPS_AT_MOST:
        cuts = np.unique(np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))
        names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(cuts)]
        places = np.clip(np.searchsorted(cuts, known, side="right") - 1, 0, len(names) - 1)
        return np.array([names[place] for place in places])
    named = ["(missing)" if each is None else label(each) for each in values]
    counts: dict[str, int] = {}
    for each in named:
        counts[each] = counts.get(each, 0) + 1
    often = {
        each
        for each in sorted(counts, key=lambda name: -counts[name])[:GROUPS_AT_MOST]
        if counts[each] >= FEWEST
    }
    return np.array([each if each in often else "(other)" for each in named])


def _shown(name: str, found: Fairness) -> dict[str, Any]:
    groups = [{"name": each.name, "rows": each.rows, "value": each.value} for each in found.slices]
    return {"column": name, "difference": found.difference, "groups": groups}


def _said(monitor: Monitor, value: float | None, by_column: list[tuple[str, Fairness]], rows: int) -> str:
    metric = monitor.settings["metric"].replace("_", " ")
    if value is None:
        return f"{metric} is not known."
    said = f"{metric} {value:.4g} over {rows} rows"
    worst = max(by_column, key=lambda each: each[1].difference, default=None)
    if worst and worst[1].slices and worst[1].slices[0].value is not None:
        low = worst[1].slices[0]
        said += f"; worst where {worst[0]} is {low.name}: {low.value:.4g}"
        if monitor.kind != PERFORMANCE:
            said = f"difference of {said}"
    return f"{said}."[:1000]

"""Drift of data and of predictions, and the quality of data: columns of a window beside those of the reference.

The body has `statistic`, `reference` (in words), and `columns`, worst first: `{"name", "kind": "number" | "label",
"value", "state", "missing", <statistics>, "bins": {"labels", "reference", "actual"}}` with shares of each bin.
"""

import datetime as dt
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from monitoring.evaluating.found import Found, judged, too_few
from monitoring.facts import ALERT, DATA_QUALITY, EARLIER, OK, PREDICTION_DRIFT
from monitoring.models import Monitor
from monitoring.reading.references import Column, Reference, reference_of
from monitoring.reading.values import Labels, Numbers, labels_of, numbers_of
from monitoring.reading.watched import watched_id
from monitoring.reading.windows import Table, table_of
from monitoring.statistics import distances
from monitoring.statistics.binning import OTHER, categories_of, counted
from monitoring.statistics.quality import quality_of

SHOWN_COLUMNS = 300


def measure(monitor: Monitor, until: dt.datetime) -> Found:
    """Compare the columns of the window, or its predictions, with the reference."""
    settings = monitor.settings
    table = table_of(
        monitor.endpoint_id, settings["window"], until, prediction=settings.get("prediction"),
        revision_id=watched_id(monitor),
    )  # fmt: skip
    if table.rows < settings["min_rows"]:
        return too_few(table.rows, settings["min_rows"])
    reference = reference_of(monitor, until)
    if isinstance(reference, str):
        return Found(table.rows, None, reference, begins_at=table.oldest)
    pairs = _pairs(monitor, table, reference)
    look = _quality if monitor.kind == DATA_QUALITY else _drift
    found = [line for name, ref, values in pairs if (line := look(monitor, name, ref, values)) is not None]
    if not found:
        return Found(
            table.rows,
            None,
            f"No column of the window can be compared with {reference.title}.",
            begins_at=table.oldest,
        )
    found.sort(key=lambda line: -line["value"])
    worst, beyond = found[0], sum(line["state"] != OK for line in found)
    summary = f"{worst['name'] or 'predictions'}: {worst['what']}"
    if len(found) > 1:
        summary += f" ({beyond} of {len(found)} columns are beyond the threshold)"
    body = {
        "statistic": settings["statistic"], "reference": reference.title, "columns": found[:SHOWN_COLUMNS],
        "beyond": beyond, "alerting": sum(line["state"] == ALERT for line in found),
    }  # fmt: skip
    return Found(table.rows, worst["value"], f"{summary}."[:1000], body, table.oldest)


def _pairs(monitor: Monitor, table: Table, reference: Reference) -> list[tuple[str, Column, list[Any]]]:
    """Name, reference and values of each column that is to be compared."""
    settings = monitor.settings
    if monitor.kind == PREDICTION_DRIFT:
        is_earlier = settings["reference"]["kind"] == EARLIER
        known = reference.columns.get("" if is_earlier else settings["prediction"])
        return [("prediction", known, table.predictions)] if known else []
    features = [name for name in reference.columns if name and name != settings.get("prediction")]
    table.renamed(features)
    wanted = settings["columns"] or [name for name in features if name in table.columns]
    if monitor.kind == DATA_QUALITY and not settings["columns"] and table.columns:
        wanted = list(table.columns)
    absent = [None] * table.rows
    return [
        (name, reference.columns[name], table.columns.get(name, absent)) for name in wanted if name in reference.columns
    ]  # fmt: skip


def _drift(monitor: Monitor, name: str, ref: Column, values: list[Any]) -> dict[str, Any] | None:
    """One line of a report on drift; None for a column that cannot be compared."""
    if ref.bins is not None:
        line = _numbers(ref, numbers_of(values))
    elif ref.top:
        line = _labels(ref, labels_of(values))
    else:
        return None
    statistic = monitor.settings["statistic"]
    if line is None:
        return None
    value = line.get(statistic)
    if value is None:  # Kolmogorov-Smirnov and Wasserstein are of numbers, Cramer's V is of labels
        statistic, value = "psi", line["psi"]
    said = f"{statistic.upper() if len(statistic) < 4 else statistic.replace('_', ' ')} {value:.3g}"
    state = judged(monitor.kind, monitor.settings, value)
    return {"name": name, "value": value, "what": said, "state": state, **line}


def _numbers(ref: Column, found: Numbers) -> dict[str, Any] | None:
    if not len(found.values) or ref.bins is None:
        return None
    bins, p_value = ref.bins, None
    actual = counted(found.values, bins.edges)
    if ref.sample is not None:
        ks, p_value = distances.kolmogorov_smirnov(ref.sample, found.values)
        moved = distances.wasserstein(ref.sample, found.values)
    else:
        ks = distances.kolmogorov_smirnov_binned(bins.counts, actual)
        centres = bins.centres
        moved = distances.wasserstein_binned(centres, bins.counts, actual, ref.deviation)
    compared = distances.Compared(
        distances.psi(bins.counts, actual), distances.jensen_shannon(bins.counts, actual), ks, moved, None, p_value
    )  # fmt: skip
    edges = [float(edge) for edge in bins.edges]
    labels = [f"< {edges[0]:.4g}", *(f"{a:.4g} to {b:.4g}" for a, b in pairwise(edges)),
              f"> {edges[-1]:.4g}"]  # fmt: skip
    total = found.missing + len(found.values) + found.mistyped
    return _line("number", compared, found.missing / total, labels, bins.counts, actual) | {
        "mean": float(found.values.mean()), "least": float(found.values.min()), "greatest": float(found.values.max()),
    }  # fmt: skip


def _labels(ref: Column, found: Labels) -> dict[str, Any] | None:
    total = sum(found.counts.values())
    if not total or not ref.top:
        return None
    known = list(ref.top)
    expected = np.array([*map(float, ref.top.values()), float(ref.others)])
    actual = categories_of(found.counts, known)
    v, p_value = distances.chi_square(expected, actual)
    compared = distances.Compared(
        distances.psi(expected, actual), distances.jensen_shannon(expected, actual), None, None, v, p_value
    )  # fmt: skip
    missing = found.missing / (found.missing + total)
    return _line("label", compared, missing, [*known, OTHER], expected, actual)


def _line(
    kind: str, compared: distances.Compared, missing: float, labels: list[str], expected: Any, actual: Any
) -> dict[str, Any]:
    bins = {
        "labels": labels, "reference": [round(float(each), 6) for each in distances.shares(expected)],
        "actual": [round(float(each), 6) for each in distances.shares(actual)],
    }  # fmt: skip
    return {"kind": kind, "missing": missing, "bins": bins, **asdict(compared)}


def _quality(monitor: Monitor, name: str, ref: Column, values: list[Any]) -> dict[str, Any] | None:
    """One line of a report on quality."""
    rows, line = len(values), None
    if ref.bins is not None:
        numbers = numbers_of(values)
        if numbers.redacted == rows:
            return None
        low, high = ref.least, ref.greatest
        outside = (
            0
            if low is None or high is None
            else int(((numbers.values < low) | (numbers.values > high)).sum())
        )
        quality = quality_of(
            rows - numbers.redacted, missing=numbers.missing, mistyped=numbers.mistyped, out_of_range=outside,
            usual_missing=ref.missing,
        )  # fmt: skip
        line = _numbers(ref, numbers)
    else:
        labels = labels_of(values)
        if labels.redacted == rows:
            return None
        strange = sum(count for kind, count in labels.types.items() if not _fits(ref.type, kind))
        is_whole = bool(ref.top) and not ref.others
        unknown = (
            sum(n for each, n in labels.counts.items() if each not in (ref.top or {})) if is_whole else 0
        )
        quality = quality_of(
            rows - labels.redacted, missing=labels.missing, mistyped=strange, unknown=max(0, unknown - strange),
            usual_missing=ref.missing,
        )  # fmt: skip
        line = _labels(ref, labels)
    value = quality.worst
    state = judged(monitor.kind, monitor.settings, value)
    said = f"{value:.2%} of {quality.what}" if value else "nothing is wrong"
    shown = {"bins": line["bins"]} if line else {}
    return {"name": name, "value": value, "what": said, "state": state, **shown, **asdict(quality)}


def _fits(type_name: str, kind: type) -> bool:
    """Whether a JSON value is of the type of a column that is not of numbers."""
    if type_name in ("bool", "boolean"):
        return kind is bool
    if type_name == "string" or type_name.startswith("datetime"):
        return kind is str
    return True

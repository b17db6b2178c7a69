"""Reads the report of an evaluation, and judges it by the thresholds that were asked for."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from compliance.evidence_kinds import FAIL, INFO, PASS
from registry.gate.recording import plain

REPORT_BYTES, EVIDENCE_GROUPS = 4 * 1024 * 1024, 200
_PARTS = {
    "task": str,
    "target": str,
    "rows": int,
    "metrics": dict,
    "slices": list,
    "fairness": list,
    "problems": list,
}


class BadReport(Exception):
    """The program left no report that can be read; the text says why."""


def report_read(path: Path) -> dict[str, Any]:
    """The report as plain JSON. It is about what a model answered, so nothing in it is taken for granted.

    Raises BadReport.
    """
    try:
        if path.is_symlink() or path.stat().st_size > REPORT_BYTES:
            raise BadReport(f"the report has more than {REPORT_BYTES // 1024**2} MiB or is a link")
        found = json.loads(path.read_bytes(), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as error:
        raise BadReport(f"there is no report that can be read: {error}") from error
    if not isinstance(found, dict):
        raise BadReport("the report is no object")
    for name, kind in _PARTS.items():
        if not isinstance(found.get(name), kind):
            raise BadReport(f"the report says nothing of {name}")
    if not all(_is_number(value) for value in found["metrics"].values()):
        raise BadReport("a metric is no number")
    report: dict[str, Any] = plain(found)
    return report


def judged(
    report: Mapping[str, Any], thresholds: Sequence[Mapping[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    """The outcome, and each threshold with the value that it was held against; none means that nobody said."""
    results = [_held(report, each) for each in thresholds]
    if not results:
        return INFO, []
    return (PASS if all(each["passed"] for each in results) else FAIL), results


def summary_of(report: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for lists."""
    main = "accuracy_score" if report["task"] == "classification" else "mean_absolute_error"
    said = f"{main} {report['metrics'].get(main, '?')} on {report['rows']} rows"
    champion = report.get("champion")
    if isinstance(champion, Mapping) and main in champion.get("differences", {}):
        said += f", {champion['differences'][main]:+.4g} against the champion"
    missed = [str(each["metric"]) for each in results if not each["passed"]]
    return f"{said}. Missed: {', '.join(missed)}."[:1000] if missed else f"{said}."[:1000]


def evidence_body(
    report: Mapping[str, Any], results: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What approvers stand on: the figures, without the points of plots."""
    explanation = report.get("explanation") or {}
    slices = [
        {**part, "groups": part.get("groups", [])[:EVIDENCE_GROUPS]}
        for part in report["slices"]
        if isinstance(part, dict)
    ]
    return {
        **facts, "task": report["task"], "target": report["target"], "rows": report["rows"],
        "metrics": report["metrics"],
        "slices": slices, "fairness": report["fairness"], "champion": report.get("champion"),
        "importance": [
            {"column": each.get("column"), "importance": each.get("importance")}
            for each in explanation.get("columns", [])
        ],
        "thresholds": list(results), "problems": report["problems"],
    }  # fmt: skip


def _held(report: Mapping[str, Any], threshold: Mapping[str, Any]) -> dict[str, Any]:
    """A value that is not in the report meets no threshold; of groups, the worst counts."""
    values = [value for value in _values(report, threshold) if _is_number(value)]
    low, high = threshold.get("min"), threshold.get("max")
    passed = bool(values) and all(
        (low is None or value >= low) and (high is None or value <= high) for value in values
    )
    worst = None if not values else (min(values) if low is not None else max(values))
    return {**threshold, "value": worst, "passed": passed}


def _values(report: Mapping[str, Any], threshold: Mapping[str, Any]) -> Iterator[Any]:
    metric = threshold["metric"]
    if "slice" in threshold:
        for part in report["slices"]:
            if part.get("column") == threshold["slice"]:
                yield from (group.get("metrics", {}).get(metric) for group in part.get("groups", []))
    elif "sensitive" in threshold:
        for part in report["fairness"]:
            if part.get("column") == threshold["sensitive"]:
                yield part.get("gaps", {}).get(metric)
    else:
        yield report["metrics"].get(metric)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")

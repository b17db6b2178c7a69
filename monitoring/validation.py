"""What people say about a monitor, read into its normal form. Raises InvalidInput with the place."""

from collections.abc import Mapping
from typing import Any

from monitoring import facts
from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema

LONGEST_SECONDS, ROWS_AT_MOST = 90 * 86_400, 200_000
# Kept here, where every process reads it, and not beside the functions, which take a second to import.
METRICS_BETTER_HIGH = ("accuracy", "balanced_accuracy", "f1", "precision", "recall", "roc_auc", "r2")
METRICS = (*METRICS_BETTER_HIGH, "rmse", "mae")
FAIRNESS_METRICS = ("demographic_parity", "equalized_odds", "selection_rate", *METRICS)
STATISTICS = ("psi", "js", "ks", "wasserstein", "cramers_v")
METRICS_BY_KIND: dict[str, tuple[str, ...]] = {
    facts.PERFORMANCE: METRICS, facts.FAIRNESS: FAIRNESS_METRICS, facts.LATENCY: ("p95", "p50", "p99"),
    facts.ERRORS: ("server_errors", "all_errors", "limited"), facts.VOLUME: ("change", "requests"),
    facts.COST: ("total", "per_1000"),
}  # fmt: skip
# Warn and alert where nothing is said; None: people have to say, as nobody can know.
_DEFAULT_THRESHOLDS: dict[str, tuple[float, float] | None] = {
    facts.DATA_QUALITY: (0.01, 0.05), facts.DATA_DRIFT: (0.1, 0.25), facts.PREDICTION_DRIFT: (0.1, 0.25),
    facts.PERFORMANCE: None, facts.FAIRNESS: (0.1, 0.2), facts.LATENCY: (500, 1000), facts.ERRORS: (0.01, 0.05),
    facts.VOLUME: (0.5, 0.9), facts.COST: None,
}  # fmt: skip
_TRAFFIC = (facts.LATENCY, facts.ERRORS, facts.VOLUME, facts.COST)
_NUMBER, _NAME = {"type": "number"}, {"type": "string", "minLength": 1, "maxLength": 500}
_NAMES = {"type": "array", "items": _NAME, "maxItems": 300, "uniqueItems": True}
_USER = {"type": "string", "minLength": 1, "maxLength": 150}


def _object(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def _whole(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


_WINDOW = _object(
    {"seconds": _whole(10, LONGEST_SECONDS), "rows": _whole(10, ROWS_AT_MOST)}, minProperties=1, maxProperties=1
)  # fmt: skip
SCHEMA = _object({
    "window": _WINDOW,
    "of": {"enum": [facts.ALL, facts.CANDIDATE]},
    "reference": _object({
        "kind": {"enum": [facts.TRAINING, facts.DATASET, facts.EARLIER]},
        "dataset": _NAME, "version": _whole(1, 2**31 - 1), "earlier_seconds": _whole(10, LONGEST_SECONDS),
    }, required=["kind"]),
    "columns": _NAMES,
    "slices": {**_NAMES, "maxItems": 10},
    "prediction": _NAME,
    "positive": {"type": ["string", "number", "boolean"]},
    "metric": {"type": "string"},
    "statistic": {"enum": list(STATISTICS)},
    "thresholds": _object({"warn": _NUMBER, "alert": _NUMBER}, required=["alert"]),
    "min_rows": _whole(1, ROWS_AT_MOST),
    "on_alert": _object({
        "finding": _object({
            "severity": {"enum": ["low", "medium", "high", "critical"]}, "due_days": _whole(0, 365), "owner": _USER,
        }),
        "retrain": {"type": "boolean"},
        "rollback": {"type": "boolean"},
        "recertify": _object({"due_days": _whole(1, 365)}),
        "notify": {"type": "array", "items": _USER, "maxItems": 50, "uniqueItems": True},
    }),
})  # fmt: skip
_schema = JsonSchema(SCHEMA)


def settings_read(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a monitor of this kind with what is usual where nothing is said."""
    if kind not in facts.KINDS:
        raise InvalidInput(
            f"There is no kind of monitor {str(kind)[:40]!r}. There are {', '.join(facts.KINDS)}.",
            code="unknown_kind",
        )
    worst = _schema.worst(given)
    if worst is not None:
        place = "/".join(["settings", *map(str, worst.absolute_path)])
        raise _bad(f"{place}: {worst.message[:300]}")
    found = {
        "window": {"seconds": 3600} if kind in _TRAFFIC else {"rows": 10_000},
        "reference": {"kind": facts.TRAINING}, "columns": [], "slices": [], "statistic": "psi",
        "min_rows": 1 if kind == facts.COST else 20 if kind in _TRAFFIC else 100, "on_alert": {}, "of": facts.ALL,
        **given,
    }  # fmt: skip
    if kind == facts.COST and found["of"] == facts.CANDIDATE:
        raise _bad("of: what an endpoint costs is that of all its revisions.")
    _reference_check(kind, found)
    _metric_set(kind, found)
    _thresholds_set(kind, found)
    return found


def is_low_bad(kind: str, settings: Mapping[str, Any]) -> bool:
    """Whether the thresholds are lower bounds."""
    metric = settings.get("metric")
    return (kind == facts.PERFORMANCE and metric in METRICS_BETTER_HIGH) or (
        kind == facts.VOLUME and metric == "requests"
    )


def every_check(seconds: int) -> int:
    if not 10 <= seconds <= LONGEST_SECONDS:
        raise _bad(f"every_seconds: from 10 to {LONGEST_SECONDS}.")
    return seconds


def name_check(name: str) -> str:
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise _bad("name: up to 100 characters that can be seen.")
    return name.strip()


def _reference_check(kind: str, found: dict[str, Any]) -> None:
    reference = found["reference"]
    if reference["kind"] == facts.DATASET and "dataset" not in reference:
        raise _bad("settings/reference: name the dataset, and its version where it is not the newest.")
    if reference["kind"] == facts.EARLIER and "earlier_seconds" not in reference:
        raise _bad("settings/reference: say by earlier_seconds how long before its own end the window ends.")
    if kind in _TRAFFIC and "seconds" not in found["window"]:
        raise _bad(f"settings/window: {kind} is measured over seconds.")
    if kind == facts.PREDICTION_DRIFT and reference["kind"] != facts.EARLIER and "prediction" not in found:
        raise _bad(
            "settings/prediction: name the column of the reference that the predictions are compared with."
        )
    if kind == facts.FAIRNESS and not found["slices"]:
        raise _bad("settings/slices: name at least one column that tells the groups apart.")


def _metric_set(kind: str, found: dict[str, Any]) -> None:
    known = METRICS_BY_KIND.get(kind, ())
    if not known:
        found.pop("metric", None)
        return
    metric = found.setdefault("metric", known[0])
    if metric not in known:
        raise _bad(f"settings/metric: one of {', '.join(known)} for {kind}.")
    needs = ("demographic_parity", "equalized_odds", "selection_rate")
    if kind == facts.FAIRNESS and metric in needs and "positive" not in found:
        raise _bad(f"settings/positive: say which label {metric} counts as selected.")


def _thresholds_set(kind: str, found: dict[str, Any]) -> None:
    usual = _DEFAULT_THRESHOLDS[kind]
    if kind == facts.VOLUME and found["metric"] == "requests":
        usual = None
    if "thresholds" not in found:
        if usual is None:
            raise _bad(f"settings/thresholds: say from where {kind} is an alert; nobody else can know.")
        found["thresholds"] = {"warn": usual[0], "alert": usual[1]}
    thresholds = found["thresholds"]
    warn, alert = thresholds.get("warn"), thresholds["alert"]
    if warn is not None and (warn < alert if is_low_bad(kind, found) else warn > alert):
        raise _bad("settings/thresholds: warn comes before alert.")


def _bad(said: str) -> InvalidInput:
    return InvalidInput(said, code="invalid_settings")

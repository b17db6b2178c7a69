"""What a window is compared with: the profile of a dataset version, or rows that were asked about earlier."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deployments.facts import LIVE
from deployments.models import Traffic
from deployments.selectors.training_data import training_profile
from experiments.models import DatasetProfile, DatasetVersion
from monitoring.facts import DATASET, EARLIER
from monitoring.models import Monitor
from monitoring.reading.values import labels_of, numbers_of
from monitoring.reading.watched import revision_watched
from monitoring.reading.windows import table_of
from monitoring.statistics.binning import CATEGORIES, Bins, bins_of_counts, bins_of_sample
from registry.models import ModelVersion


@dataclass(frozen=True)
class Column:
    """A column of a reference; numbers have `bins`, labels have `top` (how often the most frequent ones are there) and
    `others`. `sample` are the numbers themselves, where they are known. `type` is pandas' word for it, or "".
    """

    type: str = ""
    missing: float = 0.0
    bins: Bins | None = None
    deviation: float = 0.0
    least: float | None = None
    greatest: float | None = None
    sample: NDArray[np.float64] | None = None
    top: dict[str, int] | None = None
    others: int = 0


@dataclass(frozen=True)
class Reference:
    """Columns by name, in their order, and what they are of, in words."""

    title: str
    columns: dict[str, Column]


def reference_of(monitor: Monitor, until: dt.datetime) -> Reference | str:
    """The reference of a monitor, or in a sentence why there is none."""
    wanted = monitor.settings["reference"]
    if wanted["kind"] == EARLIER:
        return _earlier(monitor, until - dt.timedelta(seconds=wanted["earlier_seconds"]))
    if wanted["kind"] == DATASET:
        return _of_dataset(monitor, wanted["dataset"], wanted.get("version"))
    watched = revision_watched(monitor)
    version = watched.version if watched else served_version(monitor)
    if version is None:
        return "Nothing serves, so no training data is known to compare with."
    return _of_training(version)


def served_version(monitor: Monitor) -> ModelVersion | None:
    """The version that gets most of the traffic now."""
    live = Traffic.objects.filter(endpoint=monitor.endpoint_id, role=LIVE, valid_to=None)
    most = live.select_related("revision__version__model").order_by("-percent", "-revision__number").first()
    return most.revision.version if most else None


def _of_training(version: ModelVersion) -> Reference | str:
    profile = training_profile(version)
    if profile is not None:
        return Reference(f"{profile.version}, training data of {version}", columns_of_profile(profile.body))
    return f"No profile of the training data of {version} is known: its run logged no registered dataset that was read."


def _of_dataset(monitor: Monitor, name: str, number: int | None) -> Reference | str:
    found = DatasetVersion.objects.filter(workspace=monitor.workspace_id, asset__name=name)
    chosen = (
        found.filter(**({"number": number} if number else {}))
        .select_related("asset")
        .order_by("-number")
        .first()
    )
    if chosen is None:
        return f"There is no version {number or ''} of a dataset {name} in the workspace.".replace("  ", " ")
    profile = DatasetProfile.objects.filter(pk=chosen.pk).first()
    if profile is None:
        return f"{chosen} was not read, so it has no profile to compare with."
    return Reference(str(chosen), columns_of_profile(profile.body))


def columns_of_profile(body: dict[str, Any]) -> dict[str, Column]:
    """The columns of a dataset's profile."""
    rows = body.get("rows") or 0
    return {each["name"]: _of_profile(each, rows) for each in body.get("columns", ())}


def _of_profile(found: dict[str, Any], rows: int) -> Column:
    missing = found.get("missing", 0) / rows if rows else 0.0
    if "histogram" in found:
        bins = bins_of_counts(found["histogram"]["edges"], found["histogram"]["counts"])
        return Column(
            found["type"], missing, bins=bins, deviation=found.get("std") or bins.deviation, least=found["min"],
            greatest=found["max"],
        )  # fmt: skip
    if "top" in found:
        top = {each["value"]: each["count"] for each in found["top"]}
        return Column(found["type"], missing, top=top, others=found.get("others", 0))
    return Column(found["type"], missing)


def _earlier(monitor: Monitor, until: dt.datetime) -> Reference | str:
    settings = monitor.settings
    table = table_of(monitor.endpoint_id, settings["window"], until, prediction=settings.get("prediction"))
    if table.rows < settings["min_rows"]:
        return f"The window before {until:%Y-%m-%d %H:%M} UTC has {table.rows} rows; {settings['min_rows']} are needed."
    columns = {name: column_of_sample(values) for name, values in table.columns.items()}
    columns[""] = column_of_sample(table.predictions)  # the predictions, which have no name of their own
    return Reference(f"{table.rows} rows before {until:%Y-%m-%d %H:%M} UTC", columns)


def column_of_sample(given: list[Any]) -> Column:
    """A column of earlier rows: numbers where all but a few values are, else labels."""
    rows = len(given) or 1
    if {type(each) for each in given} <= {int, float, type(None)}:
        found = numbers_of(given)
        if not len(found.values):
            return Column("", found.missing / rows)
        low, high = float(found.values.min()), float(found.values.max())
        return Column(
            "float64", found.missing / rows, bins=bins_of_sample(found.values), deviation=float(found.values.std()),
            least=low, greatest=high, sample=found.values,
        )  # fmt: skip
    labels = labels_of(given)
    ordered = sorted(labels.counts.items(), key=lambda each: -each[1])
    top = dict(ordered[:CATEGORIES])
    return Column("", labels.missing / rows, top=top, others=sum(labels.counts.values()) - sum(top.values()))

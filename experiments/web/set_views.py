"""The part of a comparison about the set: parallel coordinates, scatter, importance, box and histogram."""

from typing import Any

from experiments.selectors.run_sets import Column, influences, set_columns
from experiments.web.comparing import Compared
from experiments.web.set_plots import AXES_AT_MOST, boxes, histogram, parallel, scatter
from portal.answers import PageRequest

_GROUPS_AT_MOST = 12
_BAR_WIDTH = 52


def set_context(request: PageRequest, compared: Compared) -> dict[str, Any]:
    """The plots that the address asks for; what it does not name is chosen."""
    columns = set_columns(compared.runs)
    metrics = {name: each for name, each in columns.items() if each.kind == "metrics" and each.is_number}
    metric = metrics.get(request.GET.get("metric", "")) or next(iter(metrics.values()), None)
    if metric is None:
        return {"metrics": {}}
    params = [each for each in columns.values() if each.kind == "params"]
    found = influences(params, metric)
    chosen = {
        name: columns.get(request.GET.get(name, "")) for name in ("across", "up", "colour", "size", "group")
    }
    across = chosen["across"] or _first(params, found) or metric
    groups = [each for each in params if 1 < len({str(value) for value in each.values}) <= _GROUPS_AT_MOST]
    group = chosen["group"] if chosen["group"] in groups else next(iter(groups), None)
    size = chosen["size"] if chosen["size"] and chosen["size"].is_number else None
    box, ticks = boxes(metric, group)
    return {
        "columns": columns, "metrics": metrics, "groups": groups,
        "chosen": {**chosen, "metric": metric, "across": across, "up": chosen["up"] or metric, "group": group,
                   "size": size},
        "influences": [(each, round(_BAR_WIDTH * each.share)) for each in found],
        "parallel": parallel(compared.runs, [*_ordered(params, found)[: AXES_AT_MOST - 1], metric]),
        "scatter": scatter(compared.runs, across, chosen["up"] or metric, chosen["colour"], size),
        "histogram": histogram(metric), "boxes": box, "box_ticks": ticks,
    }  # fmt: skip


def _first(params: list[Column], found: list[Any]) -> Column | None:
    return next(iter(_ordered(params, found)), None)


def _ordered(params: list[Column], found: list[Any]) -> list[Column]:
    """Params that tell most of the metric first."""
    places = {each.name: number for number, each in enumerate(found)}
    return sorted((each for each in params if each.name in places), key=lambda each: places[each.name])

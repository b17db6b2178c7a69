"""The points of charts as JSON: curves of one metric of any runs."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse, HttpResponseNotModified, QueryDict
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from experiments.selectors.curves import AXES, Curves, Window, curves, runs_changes
from portal.answers import PageRequest
from portal.kernel.errors import InvalidInput
from portal.routing import page

RUNS_AT_MOST = 200
BUCKETS, BUCKETS_AT_MOST = 300, 2_000
_KEY_LENGTH = 250


@dataclass(frozen=True)
class CurveRequest:
    """What a chart asks for. Ids and numbers are in the form of a query, not yet known to exist."""

    run_ids: list[str]
    key: str
    window: Window

    @classmethod
    def of(cls, query: QueryDict) -> "CurveRequest":
        """Raises InvalidInput (`invalid_input`, `too_many_runs`)."""
        key, axis = query.get("key", ""), query.get("x", "step")
        if not 0 < len(key) <= _KEY_LENGTH or "\0" in key:
            raise InvalidInput("Name the metric of the curves: ?key=…")
        if axis not in AXES:
            raise InvalidInput(f"A curve runs over {', '.join(AXES)}, not over {axis[:40]!r}: ?x=step")
        buckets = _number(query, "buckets") if query.get("buckets") else BUCKETS
        if buckets is None or not 1 <= buckets <= BUCKETS_AT_MOST:
            raise InvalidInput(f"A curve has from 1 to {BUCKETS_AT_MOST:,} buckets: ?buckets={BUCKETS}")
        window = Window(axis, _number(query, "from"), _number(query, "to"), int(buckets))
        return cls(run_ids_asked(query), key, window)


def run_ids_asked(query: QueryDict) -> list[str]:
    """The runs of `?run=…&run=…` or `?run=…,…`, each once. Raises InvalidInput."""
    ids = list(dict.fromkeys(each for text in query.getlist("run") for each in text.split(",") if each))
    if not ids:
        raise InvalidInput("Name the runs: ?run=…&run=…")
    if len(ids) > RUNS_AT_MOST:
        raise InvalidInput(f"At most {RUNS_AT_MOST} runs are compared at a time.", code="too_many_runs")
    return ids


@page("experiments.run.read")
@require_GET
@gzip_page
def runs_curves(request: PageRequest) -> HttpResponse:
    """Curves of one metric, in buckets that keep every spike; unchanged ones are not sent again."""
    asked = CurveRequest.of(request.GET)
    changes = runs_changes(request.actor, asked.run_ids)
    e_tag = _e_tag(asked, changes)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == e_tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        found = curves(list(changes), asked.key, asked.window)
        body = orjson.dumps(_json(asked, found), option=orjson.OPT_SERIALIZE_NUMPY)
        answer = HttpResponse(body, content_type="application/json")
    answer["ETag"], answer["Cache-Control"] = e_tag, "private, no-cache"
    patch_vary_headers(answer, ["Cookie"])
    return answer


def _json(asked: CurveRequest, found: Curves | None) -> dict[str, Any]:
    said: dict[str, Any] = {"key": asked.key, "x": asked.window.axis, "runs": []}
    if found is None:
        return said
    return said | {
        "from": found.first, "to": found.last, "width": found.width, "extent": found.extent,
        "is_exact": found.is_exact,
        "runs": [{"id": run_id.hex, **curve.columns()} for run_id, curve in found.by_run.items()],
    }  # fmt: skip


def _e_tag(asked: CurveRequest, changes: Mapping[UUID, int]) -> str:
    state = f"{asked.key} {asked.window} {[(run_id.hex, count) for run_id, count in changes.items()]}"
    return f'"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'


def _number(query: QueryDict, name: str) -> float | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 2.0**63:
        raise InvalidInput(f"{name} is a number, not {text[:40]!r}.")
    return number

"""Compares what is here with what the source said, by counts and checksums that are read anew from our own tables."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from experiments.artifacts.locations import store_path
from experiments.models import (
    LoggedModel,
    LoggedModelMetric,
    LoggedModelParam,
    LoggedModelTag,
    Param,
    Run,
    RunTag,
)
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from transfer.file_import import file_digest
from transfer.models import Origin, Peer
from transfer.points import checksum
from transfer.points_here import hashes_here
from transfer.report import Report
from transfer.services.checks import checked_note
from transfer.services.origins import mark

_PER_PAGE = 200


def verify(actor: Actor, peer: Peer, report: Report, *, with_files: bool) -> None:
    """Compare runs, points, logged models and files that came since they were compared last and found the same."""
    for kind in ("run", "logged_model", *(["files"] if with_files else [])):
        for origins in _pages(peer, kind):
            fine = _runs(origins, report) if kind == "run" else []
            for origin in origins if kind != "run" else []:
                known = len(report.wrong)
                (_model if kind == "logged_model" else _files)(origin, report)
                fine += [origin] if len(report.wrong) == known else []
            checked_note(actor=actor, peer=peer, origins=fine)


def _pages(peer: Peer, kind: str) -> Iterator[list[Origin]]:
    """What is not compared yet, in portions."""
    last = 0
    while True:
        found = (
            Origin.objects.filter(peer=peer, kind=kind, pk__gt=last)
            .exclude(seen__checked=True)
            .order_by("pk")
        )
        page = list(found[:_PER_PAGE])
        if not page:
            return
        last = page[-1].pk
        yield page


def _runs(origins: Sequence[Origin], report: Report) -> list[Origin]:
    """Those of a page that are as they should be."""
    ids = [UUID(origin.here) for origin in origins]
    there = set(Run.objects.filter(pk__in=ids).values_list("pk", flat=True))
    pairs = {"params": _marks(Param, ids), "tags": _marks(RunTag, ids)}
    fine = []
    for origin in origins:
        known, run_id = len(report.wrong), UUID(origin.here)
        report.checked["runs"] += 1
        if run_id not in there:
            report.differ("run", origin.there, "it is not here")
            continue
        for kind, found in pairs.items():
            wanted = origin.seen.get(kind, {})
            report.checked[kind] += len(wanted)
            wrong = sorted(key for key, value in wanted.items() if found.get(run_id, {}).get(key) != value)
            if wrong:
                _differs(
                    origin, report, "run", origin.there, f"{len(wrong)} {kind} differ, such as {wrong[0]}"
                )
        _points(origin, run_id, report)
        fine += [origin] if len(report.wrong) == known else []
    return fine


def _points(origin: Origin, run_id: UUID, report: Report) -> None:
    for key, (count, total) in origin.seen.get("points", {}).items():
        found = hashes_here(run_id, key)
        report.checked["metric points"] += count
        if list(checksum([found])) != [count, total]:
            report.differ(
                "metric",
                f"{key} of run {origin.there}",
                f"{count:,} points there, {len(found):,} here, or others",
            )


def _differs(origin: Origin, report: Report, kind: str, name: str, why: str) -> None:
    """Something is wrong; or, where it was right once, was changed here since, which is nobody's mistake."""
    if origin.seen.get("compared"):
        report.leave_out(kind, name, f"{why}: changed here since it was brought over")
    else:
        report.differ(kind, name, why)


def _model(origin: Origin, report: Report) -> None:
    report.checked["logged models"] += 1
    model = LoggedModel.objects.filter(pk=origin.here).first()
    if model is None:
        report.differ("logged model", origin.there, "it is not here")
        return
    for kind, table in (("params", LoggedModelParam), ("tags", LoggedModelTag)):
        found = dict(table.objects.filter(model=model).values_list("key", "value"))
        wanted = origin.seen.get(kind, {})
        if any(mark(found.get(key)) != value for key, value in wanted.items()):
            report.differ("logged model", origin.there, f"{kind} differ")
    points = LoggedModelMetric.objects.filter(model=model).count()
    if points != origin.seen.get("point_count", points):
        report.differ(
            "logged model", origin.there, f"{origin.seen['point_count']} points there, {points} here"
        )


def _files(origin: Origin, report: Report) -> None:
    root = _root(origin)
    for path, (size, digest) in origin.seen["files"].items():
        report.checked["files"] += 1
        try:
            same = file_digest(f"{root}/{path}") == digest
        except NotFound:
            same = False
        if not same:
            report.differ(
                "file", f"{origin.there} {path}", f"it is not the one of {size:,} bytes that was read"
            )


def _root(origin: Origin) -> str:
    if origin.there.startswith("model:"):
        return store_path(LoggedModel.objects.get(pk=origin.here).artifact_location)
    return store_path(Run.objects.get(pk=origin.here).artifact_uri)


def _marks(table: type[Param] | type[RunTag], ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = {}
    for run_id, key, value in table.objects.filter(run_id__in=ids).values_list("run_id", "key", "value"):
        found.setdefault(run_id, {})[key] = mark(value)
    return found

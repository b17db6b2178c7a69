"""Reads of reports, and their text cut into prose and live parts."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from experiments.models.experiment import ACTIVE
from experiments.models.reports import Report, ReportVersion
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound

SHOWN = 200
LARGEST_NUMBER = 2**31 - 1
LIVE_PARTS_AT_MOST = 20
# A block of ```runs holds the address of a comparison, as the browser shows it.
_BLOCK = re.compile(r"^```runs[ \t]*\n(.*?)\n?^```[ \t]*$", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/runs/compare\?(\S+)")


@dataclass(frozen=True)
class Part:
    """A piece of a report: prose as Markdown, or the query of a comparison; `problem` says why a block is neither."""

    prose: str = ""
    query: str = ""
    problem: str = ""


def reports_visible(actor: Actor) -> QuerySet[Report]:
    """The reports of the actor's workspaces, the last written first."""
    found = Report.objects.select_related("workspace", "created_by").order_by("-changed_at", "id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def reports_recent(actor: Actor) -> list[Report]:
    return list(reports_visible(actor).filter(lifecycle_stage=ACTIVE)[:SHOWN])


def report_get(actor: Actor, report_id: UUID) -> Report:
    """One report. Raises NotFound, also when the actor may not see it."""
    found = reports_visible(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound("No such report, or you may not see it.")
    return found


def report_version(report: Report, number: int | None = None) -> ReportVersion:
    """A version, by default the newest. Raises NotFound."""
    found = (
        ReportVersion.objects.filter(report=report, number=min(number or report.number, LARGEST_NUMBER))
        .select_related("written_by")
        .first()
    )
    if found is None:
        raise NotFound(f"{report} has no version {number}.")
    found.report = report
    return found


def report_versions(report: Report) -> QuerySet[ReportVersion]:
    """All versions of a report, the newest first."""
    return ReportVersion.objects.filter(report=report).select_related("written_by").order_by("-number")


def report_parts(body: str) -> list[Part]:
    """Prose and live parts, in order; of the latter the first 20."""
    parts, at, live = [], 0, 0
    for block in _BLOCK.finditer(body):
        parts.append(Part(prose=body[at : block.start()]))
        at, live = block.end(), live + 1
        address = _ADDRESS.fullmatch(block[1].strip())
        if address is None:
            parts.append(
                Part(problem="A block of runs holds the address of a comparison: /runs/compare?run=…")
            )
        elif live > LIVE_PARTS_AT_MOST:
            parts.append(Part(problem=f"A report shows {LIVE_PARTS_AT_MOST} comparisons; this is one more."))
        else:
            parts.append(Part(query=address[1]))
    parts.append(Part(prose=body[at:]))
    return [part for part in parts if part.prose.strip() or part.query or part.problem]

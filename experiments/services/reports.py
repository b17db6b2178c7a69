"""Writing reports: each save is a new version."""

from experiments.models.experiment import DELETED
from experiments.models.reports import BODY_LENGTH, TITLE_LENGTH, Report, ReportVersion
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.operations import operation


@operation("experiments.report.create", on="workspace", lock="share")
def report_create(*, actor: Actor, workspace: Workspace, title: str, body: str) -> Report:
    """Begin a report with its first version. Raises InvalidInput (`invalid_report`)."""
    _check(title, body)
    at = now()
    report = Report.objects.create(
        workspace=workspace, title=title, created_by_id=actor.user_id, created_at=at, changed_at=at
    )
    _version(actor, report, body)
    return report


@operation("experiments.report.write", on="report")
def report_write(
    *, actor: Actor, report: Report, title: str, body: str, expected_number: int | None = None
) -> Report:
    """Save a new version. Raises Conflict (`stale`, `deleted`) and InvalidInput (`invalid_report`)."""
    _check(title, body)
    return _next(actor, report, title, body, expected_number)


@operation("experiments.report.restore", on="report")
def report_restore(
    *, actor: Actor, report: Report, number: int, expected_number: int | None = None
) -> Report:
    """Save what an older version said as the next one. Raises NotFound, and Conflict (`stale`, `deleted`, `newest`)."""
    if number == report.number:
        raise Conflict(f"Version {number} of {report} is the newest one already.", code="newest")
    old = ReportVersion.objects.filter(report=report, number=number).first()
    if old is None:
        raise NotFound(f"{report} has no version {number}.")
    return _next(actor, report, old.title, old.body, expected_number)


@operation("experiments.report.delete", on="report")
def report_delete(*, actor: Actor, report: Report) -> Report:
    """Take a report out of lists; its versions stay. Deleting twice changes nothing."""
    report.lifecycle_stage = DELETED
    report.save(update_fields=["lifecycle_stage"])
    return report


def _next(actor: Actor, report: Report, title: str, body: str, expected_number: int | None) -> Report:
    if not report.is_active:
        raise Conflict(f"{report} is deleted, so nobody can write it.", code="deleted")
    if expected_number is not None and expected_number != report.number:
        raise Conflict(
            f"{report} is at version {report.number}, not {expected_number}: somebody else wrote it meanwhile. "
            "Load it again and repeat your edit.", code="stale",
        )  # fmt: skip
    report.number, report.title, report.changed_at = report.number + 1, title, now()
    report.save(update_fields=["number", "title", "changed_at"])
    _version(actor, report, body)
    return report


def _version(actor: Actor, report: Report, body: str) -> None:
    ReportVersion.objects.create(
        report=report, number=report.number, title=report.title, body=body, written_by_id=actor.user_id,
        written_at=report.changed_at,
    )  # fmt: skip


def _check(title: str, body: str) -> None:
    if not title.strip() or len(title) > TITLE_LENGTH:
        raise InvalidInput(
            f"A report has a title of at most {TITLE_LENGTH} characters.", code="invalid_report"
        )
    if len(body) > BODY_LENGTH or "\0" in title + body:
        raise InvalidInput(f"A report has at most {BODY_LENGTH:,} characters.", code="invalid_report")

"""Tells the collection of garbage which uploaded archives an import still needs."""

from experiments.waiting import WAITING_PLACES, WaitingPlace
from jobs.models import ACTIVE_STATES, JobRun
from transfer.selectors import IMPORT_JOB
from transfer.uploads import ARCHIVES_FOLDER


def _wanted(workspace_id: int) -> set[str]:
    """The archives of imports that have not ended."""
    jobs = JobRun.objects.filter(kind=IMPORT_JOB, workspace=workspace_id, state__in=ACTIVE_STATES)
    return {path for path in jobs.values_list("args__wish__archive", flat=True) if path}


WAITING_PLACES.append(
    WaitingPlace(ARCHIVES_FOLDER, _wanted, "no import that has not ended needs this archive")
)

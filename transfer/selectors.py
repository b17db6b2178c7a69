"""What is here already of what a transfer brings, and what it holds."""

from uuid import UUID

from django.db.models import QuerySet

from jobs.models import JobRun
from jobs.selectors import job_visible
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import NotFound

IMPORT_JOB = "transfer.import"


def imports_of(actor: Actor, workspace: Workspace) -> QuerySet[JobRun]:
    """The imports of a workspace that the actor sees, newest first."""
    return job_visible(actor).filter(kind=IMPORT_JOB, workspace=workspace).select_related("created_by")


def import_get(actor: Actor, import_id: UUID) -> JobRun:
    """One import. Raises NotFound when there is none, or the actor may not see it."""
    found = job_visible(actor).filter(kind=IMPORT_JOB, pk=import_id).select_related("created_by").first()
    if found is None:
        raise NotFound("No such import, or you may not see it.")
    return found

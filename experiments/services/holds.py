"""Holds on files: what a registered version is made of is neither written nor deleted any more."""

from collections.abc import Iterable
from uuid import UUID

from experiments.artifacts.locations import owner_of, store_path
from experiments.models import ArtifactHold, Collected, LoggedModel
from experiments.models.retention import MARKED
from portal.kernel import sql
from portal.kernel.errors import Conflict

# A held folder above the path, the path itself, or, where a whole folder would go, a held one below it. LIKE with a
# fixed beginning goes through the index that Django makes for patterns.
_HELD = """
SELECT path FROM experiments_artifacthold
WHERE path = ANY(%(above)s::text[]) OR (%(folder)s AND path LIKE %(below)s::text) LIMIT 1
"""


def location_hold(*, workspace_id: int, location: str) -> None:
    """Hold the files at a location, in the transaction that is open; holding them again changes nothing.

    Raises Conflict when they are about to be removed with their run.
    """
    owner = owner_of(store_path(location))
    if owner is not None and owner.model_id is not None:
        made_by = (
            LoggedModel.objects.filter(pk=owner.model_id).values_list("source_run_id", flat=True).first()
        )
    else:
        made_by = owner.run_id if owner else None
    if made_by is not None:
        sql.rows("SELECT 1 FROM experiments_run WHERE id = %s FOR KEY SHARE", (made_by,))
        not_collected_check([made_by])
    hold = ArtifactHold(workspace_id=workspace_id, path=store_path(location))
    ArtifactHold.objects.bulk_create([hold], ignore_conflicts=True)


def held_check(path: str, *, as_folder: bool = False) -> None:
    """Raise Conflict when a write at this path of the store, or its removal as a folder, would touch held files."""
    names = path.split("/")
    above = ["/".join(names[:count]) for count in range(1, len(names) + 1)]
    escaped = path.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = sql.row(_HELD, {"above": above, "folder": as_folder, "below": f"{escaped}/%"})
    if found is not None:
        raise Conflict(
            f"The files at '{found[0]}' are those of a registered model version and stay as they are. "
            "Log new files, and register them as a new version."
        )


def not_collected_check(run_ids: Iterable[UUID]) -> None:
    """Raise Conflict when one of the runs is being purged: its files go, and nothing may bring it back or need it.

    The caller holds the rows of the runs, so that none of them is marked meanwhile.
    """
    found = Collected.objects.filter(state=MARKED, subject__in=[each.hex for each in run_ids]).first()
    if found is not None:
        raise Conflict(
            f"Run {found.name} ({found.subject}) is being purged, as its retention is over, and cannot come back. "
            "The report of the collection says what it was.",
            code="being_purged",
        )

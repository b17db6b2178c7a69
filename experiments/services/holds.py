"""Holds on files: what a registered version is made of is neither written nor deleted any more."""

from experiments.artifacts.locations import store_path
from experiments.models import ArtifactHold
from portal.kernel import sql
from portal.kernel.errors import Conflict

# A held folder above the path, the path itself, or, where a whole folder would go, a held one below it. LIKE with a
# fixed beginning goes through the index that Django makes for patterns.
_HELD = """
SELECT path FROM experiments_artifacthold
WHERE path = ANY(%(above)s::text[]) OR (%(folder)s AND path LIKE %(below)s::text) LIMIT 1
"""


def location_hold(*, workspace_id: int, location: str) -> None:
    """Hold the files at a location, in the transaction that is open; holding them again changes nothing."""
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

"""Files in the store that wait for a job and are no run's: whoever keeps them there says which are still wanted."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from experiments.artifacts.store import ArtifactStore, Entry
from portal.kernel.clock import now
from portal.kernel.errors import NotFound

# Files are written before or after the row that knows them, but never long before it or after it.
YOUNG = dt.timedelta(days=1)


@dataclass(frozen=True)
class WaitingPlace:
    """A folder of the store with one in it for each workspace. `wanted` is asked after its files were listed."""

    folder: str
    wanted: Callable[[int], set[str]]
    reason: str


WAITING_PLACES: list[WaitingPlace] = []


def unwanted(store: ArtifactStore, workspace_id: int) -> Iterator[tuple[Entry, str]]:
    """The files of a workspace that nothing waits for any more, each with the reason."""
    for place in WAITING_PLACES:
        files = list(store.list_files(f"{place.folder}/{workspace_id}"))
        wanted = place.wanted(workspace_id) if files else set()
        for file in files:
            if file.path not in wanted and is_old(store, file.path, YOUNG):
                yield file, place.reason


def is_old(store: ArtifactStore, path: str, age: dt.timedelta) -> bool:
    """Whether a file is there, and was written longer ago than that."""
    try:
        return store.stat(path).modified_at < now() - age
    except NotFound:
        return False

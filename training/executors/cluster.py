"""A cluster as an executor needs it: submissions with names, their state and their output."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

WAITING, RUNNING, ENDED = "waiting", "running", "ended"


@dataclass(frozen=True)
class Submission:
    """What is asked of a cluster: run the program with this claim. Nothing here is secret once the work has begun."""

    key: str
    training: str
    name: str
    claim: str
    portal_url: str
    resources: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True)
class Seen:
    """How a submission stands, with what the cluster says about it.

    `is_success` says of one that has ended that its program came to its end, whatever became of the command.
    """

    state: str
    message: str = ""
    is_success: bool = False


class Cluster(Protocol):
    """Every call raises Unavailable when the cluster does not answer."""

    title: str

    def look(self, key: str) -> Seen | None:
        """The state of a submission; None when the cluster knows none of that name."""
        ...

    def active(self, training: str) -> list[str]:
        """The names of the submissions of a training that have not ended."""
        ...

    def submit(self, submission: Submission) -> None:
        """Start it, unless one of that name is there. Raises Permanent for what the cluster will never take."""
        ...

    def stop(self, key: str) -> None:
        """Ask for its end; whether it has come, `look` says."""
        ...

    def log(self, key: str) -> Iterator[bytes]:
        """Its output from the beginning until its end; empty pieces while there is none."""
        ...

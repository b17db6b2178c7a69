"""What is posted and how it ended; the way between is `compliance.deliveries.door`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Parcel:
    """What is posted, and where."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """How a post ended: the status, or None with the reason. Nothing of the body."""

    status: int | None
    problem: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def words(self) -> str:
        return self.problem or f"HTTP {self.status}"

"""What a target does. Each function is safe to repeat, and is called by the job outside of any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from deployments.models import Revision
from deployments.serving_key import serving_key


@dataclass(frozen=True)
class Seen:
    """What a target has of a revision: one of the observed states, words, and where its ready processes answer.

    `addresses` is None where the target writes them itself. `is_gone` says that nothing of it is there any more.
    """

    state: str
    detail: str = ""
    addresses: tuple[str, ...] | None = ()
    is_gone: bool = False


@dataclass(frozen=True)
class Wanted:
    """What shall run: a revision, the files and the interpreter that it was prepared with, and its settings."""

    revision: Revision
    prepared: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.revision.settings["resources"]
        return found


def server_order(revision: Revision, model: str) -> dict[str, Any]:
    """What a model server elsewhere is told, with the files at `model`; the key among it is a secret."""
    limits, resources = revision.endpoint.settings["limits"], revision.settings["resources"]
    return {
        "model": model, "manifest": revision.version.manifest, "digest": revision.digest,
        "key": serving_key(revision.pk), "name": revision.endpoint.name, "version": str(revision.version.version),
        "limits": {
            "body_bytes": limits["body_bytes"], "waiting": limits["concurrency"],
            "seconds": limits["timeout_seconds"], "threads": max(1, round(resources["cpus"])),
            "batch_rows": resources.get("batch_rows", 1),
        },
    }  # fmt: skip


class Target(Protocol):
    """A place where revisions run. `is_prepared` says whether it needs files and packages on this machine."""

    is_prepared: bool

    def apply(self, wanted: Wanted) -> None:
        """Have it run. Raises Unavailable when the target does not answer, Permanent when it never will take it."""
        ...

    def observe(self, revision: Revision) -> Seen:
        """What there is. Raises Unavailable."""
        ...

    def remove(self, revision: Revision) -> None:
        """Have nothing of it run. Raises Unavailable."""
        ...

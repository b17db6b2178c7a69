"""Where something came from, written in the transaction that makes it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from experiments.models import Run
from transfer.models import Origin, Peer

_RUN_ID = re.compile(r"[0-9a-f]{32}")


def origins_of(peer: Peer, kind: str, there: Iterable[str]) -> dict[str, Origin]:
    """What is known of these objects of the source, by their ids there."""
    found = Origin.objects.filter(peer=peer, kind=kind, there__in=list(there))
    return {origin.there: origin for origin in found}


def run_ids_here(peer: Peer, there: Iterable[str]) -> dict[str, UUID]:
    """The ids in the portal of these runs: their own where it is free, and always the same one.

    A run that is not brought over yet has the id that it is going to have.
    """
    from_there = set(there)
    known = {key: UUID(origin.here) for key, origin in origins_of(peer, "run", from_there).items()}
    return known | {key: _free_id(peer, key) for key in from_there - known.keys()}


def _free_id(peer: Peer, run_id: str) -> UUID:
    if _RUN_ID.fullmatch(run_id) and not Run.objects.filter(pk=run_id).exists():
        return UUID(run_id)
    return uuid5(peer.pk, run_id)


def marks(pairs: Mapping[str, str]) -> dict[str, str]:
    """A short digest of each value, to see later whether the source changed it."""
    return {key: mark(value) for key, value in pairs.items()}


def mark(value: Any) -> str:
    """Twelve hex digits that stand for a value."""
    return hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def changed(seen: Mapping[str, str], pairs: Mapping[str, str]) -> dict[str, str]:
    """The pairs that are new at the source, or have another value there than when they were seen last."""
    return {key: value for key, value in pairs.items() if seen.get(key) != mark(value)}

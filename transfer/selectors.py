"""What is here already of what a transfer brings, and what it holds."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
from django.db import transaction

from portal.kernel import sql
from transfer.objects import Points
from transfer.points import Hashes, hashes

_KEYS = "SELECT key FROM experiments_latestmetric WHERE run_id = %s ORDER BY key"
_CHUNKS = """
SELECT steps, timestamps, values FROM experiments_metricchunk WHERE run_id = %s AND key = %s ORDER BY first_step, id
"""
_CHUNKS_PER_FETCH = 64


def keys_here(run_id: UUID) -> list[str]:
    """The metrics that a run has points of."""
    return [key for (key,) in sql.rows(_KEYS, (run_id,))]


def points_here(run_id: UUID, key: str) -> Iterator[Points]:
    """All points of a key as they are stored, in portions; a repeated one may come twice."""
    with transaction.atomic(), sql.server_cursor("points") as cursor:
        cursor.execute(_CHUNKS, (run_id, key), binary=True)
        while rows := cursor.fetchmany(_CHUNKS_PER_FETCH):
            steps, timestamps, values = (np.concatenate(column) for column in zip(*rows, strict=True))
            yield Points(key, steps, timestamps, values)


def hashes_here(run_id: UUID, key: str) -> Hashes:
    """The numbers of all points of a key, each once, in order: 8 bytes for a point."""
    found = [hashes(points) for points in points_here(run_id, key)]
    return np.unique(np.concatenate(found)) if found else np.array([], np.uint64)

"""The points of runs as they are stored here. Apart from other reads, as NumPy is no part of the start of a process."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np

from experiments.validation.values import INT64
from portal.kernel import sql
from transfer.objects import Points
from transfer.points import Hashes, hashes

_KEYS = "SELECT key FROM experiments_latestmetric WHERE run_id = %s ORDER BY key"
_CHUNKS = """
SELECT first_step, id, steps, timestamps, values FROM experiments_metricchunk
WHERE run_id = %s AND key = %s AND (first_step, id) > (%s, %s) ORDER BY first_step, id LIMIT %s
"""
_CHUNKS_PER_FETCH = 64


def keys_here(run_id: UUID) -> list[str]:
    """The metrics that a run has points of."""
    return [key for (key,) in sql.rows(_KEYS, (run_id,))]


def points_here(run_id: UUID, key: str) -> Iterator[Points]:
    """All points of a key as they are stored, in portions; a repeated one may come twice.

    Each portion is a statement of its own: whoever sends them elsewhere holds no transaction open meanwhile.
    """
    place = (INT64[0], 0)
    while rows := sql.rows(_CHUNKS, (run_id, key, *place, _CHUNKS_PER_FETCH), binary=True):
        place = (rows[-1][0], rows[-1][1])
        steps, timestamps, values = (
            np.concatenate(column) for column in zip(*(row[2:] for row in rows), strict=True)
        )
        yield Points(key, steps.astype(np.int64), timestamps.astype(np.int64), values.astype(np.float64))


def hashes_here(run_id: UUID, key: str) -> Hashes:
    """The numbers of all points of a key, each once, in order: 8 bytes for a point."""
    found = [hashes(points) for points in points_here(run_id, key)]
    return np.unique(np.concatenate(found)) if found else np.array([], np.uint64)

"""Whether this worker was told to leave, as its pool processes see it: a moment in memory that they share.

The worker sets it when SIGTERM comes; its processes look without asking the database. The clock is that of the
machine's uptime, which is one for all of them.
"""

import mmap
import struct
import time

_MOMENT = struct.Struct("d")
_shared = mmap.mmap(-1, _MOMENT.size)  # made before the pool forks, so that both sides have it


def begin() -> None:
    """From now on this worker is leaving; the first moment counts."""
    if not is_on():
        _MOMENT.pack_into(_shared, 0, time.monotonic())


def end() -> None:
    """Not leaving after all, for tests."""
    _MOMENT.pack_into(_shared, 0, 0.0)


def is_on() -> bool:
    return bool(_MOMENT.unpack_from(_shared, 0)[0])


def seconds() -> float | None:
    """For how long; None while it stays."""
    since = _MOMENT.unpack_from(_shared, 0)[0]
    return time.monotonic() - since if since else None

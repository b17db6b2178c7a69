"""Where the time of a request went, for a caller who keeps a trace: W3C's `Server-Timing`, which is an answer's header.

The parts follow each other: `read` until the model is asked for, `queue` until it is free, `predict` while it runs, and
`write`. `desc` at `predict` is how many requests its call answered together.
"""

import threading
import time

TRACEPARENT, HEADER = "traceparent", "server-timing"
_here = threading.local()


class Timed:
    """Work whose calls of the model are noted; it is done in one thread, and once."""

    def __init__(self, work) -> None:
        self._work, self._arrived = work, time.monotonic()
        self._call = None

    def __call__(self):
        _here.timed = self
        try:
            return self._work()
        finally:
            _here.timed = None

    def header(self) -> str:
        """The header, when the work is done; empty where the model was not called."""
        if self._call is None:
            return ""
        asked, began, ended, together = self._call
        ends = {"read": asked, "queue": began, "predict": ended, "write": time.monotonic()}
        parts, at = [], self._arrived
        for name, end in ends.items():
            parts.append(f"{name};dur={max(0.0, end - at) * 1000:.3f}")
            at = end
        if together > 1:
            parts[2] += f";desc={together}"
        return ", ".join(parts)


def note(asked: float, began: float, ended: float, together: int = 1) -> None:
    """A call of the model for the request that this thread works on: when it was wanted, began and ended."""
    timed = getattr(_here, "timed", None)
    if timed is not None:
        timed._call = (asked, began, ended, together)

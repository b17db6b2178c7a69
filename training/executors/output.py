"""Reads the output of a submission in a thread, so that a silent cluster delays neither orders nor the lease."""

import threading
from queue import Empty, Full, Queue

import structlog

from portal.kernel.errors import DomainError
from training.executors.cluster import Cluster

log = structlog.get_logger("training")

_PIECES = 256
_PAUSE_SECONDS = 1.0


class OutputReader:
    """The output from its beginning. When the connection ends early, it is read again and what was taken left out."""

    def __init__(self, cluster: Cluster, key: str) -> None:
        self._cluster, self._key = cluster, key
        self._pieces: Queue[bytes] = Queue(_PIECES)
        self._is_over, self._is_last = threading.Event(), threading.Event()
        self._taken = 0
        self._thread = threading.Thread(target=self._run, name=f"log-{key[-8:]}", daemon=True)
        self._thread.start()

    def read(self, seconds: float) -> bytes:
        """What has come, after waiting a while for the first piece."""
        found = []
        try:
            found.append(self._pieces.get(timeout=seconds))
            while len(found) < _PIECES:
                found.append(self._pieces.get_nowait())
        except Empty:
            pass
        return b"".join(found)

    def may_give_more(self) -> bool:
        """Whether something may come yet, now that the work has ended."""
        self._is_last.set()
        return self._thread.is_alive() or not self._pieces.empty()

    def close(self) -> None:
        self._is_over.set()

    def _run(self) -> None:
        while not self._is_over.is_set():
            is_last = self._is_last.is_set()
            try:
                self._pass()
            except DomainError as error:
                log.info("output of a submission not read", key=self._key, error=error.detail)
            except Exception as error:  # a client's own surprises must not end the log for good
                log.warning("output of a submission not read", key=self._key, error=type(error).__name__)
            if is_last:
                return
            self._is_last.wait(_PAUSE_SECONDS)

    def _pass(self) -> None:
        """The output from its beginning; what an earlier pass has taken is left out."""
        skip = self._taken
        for piece in self._cluster.log(self._key):
            fresh, skip = piece[skip:], max(skip - len(piece), 0)
            self._taken += len(fresh)
            while fresh and not self._is_over.is_set():
                try:
                    self._pieces.put(fresh, timeout=_PAUSE_SECONDS)
                    break
                except Full:
                    continue
            if self._is_over.is_set():
                return

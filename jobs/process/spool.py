"""The file that the output of a command goes to: bounded, and never a reason to stop. Standard library only."""

import os
from collections import deque
from pathlib import Path

TAIL_BYTES = 16 * 1024
END_BYTES = 64 * 1024


class Ring:
    """The last bytes of a stream."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._parts: deque[bytes] = deque()
        self._length = 0

    def add(self, data: bytes) -> int:
        """How many bytes fell out."""
        self._parts.append(data)
        self._length += len(data)
        fallen = 0
        while self._length > self.size:
            excess = self._length - self.size
            first = self._parts.popleft()
            if len(first) > excess:
                self._parts.appendleft(first[excess:])
            dropped = min(excess, len(first))
            fallen += dropped
            self._length -= dropped
        return fallen

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)


class Spool:
    """Appends to a file until it holds `limit` bytes; of what is more, only the end is kept and added at last.

    When the disk is full, output is counted and left out until there is room again.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._limit = limit
        self._room = max(limit - END_BYTES - os.fstat(self._file).st_size, 0)
        self._end = Ring(min(END_BYTES, limit))
        self._tail = Ring(TAIL_BYTES)
        self._left_out = self._lost = 0
        self._error = ""

    @property
    def tail(self) -> bytes:
        return bytes(self._tail)

    def write(self, data: bytes) -> None:
        """Add output."""
        self._tail.add(data)
        now, later = data[: self._room], data[self._room :]
        if now:
            self._room -= len(now)
            self._append(now)
        if later:
            self._left_out += self._end.add(later)

    def finish(self) -> None:
        """Add the end of what was over the limit, and say what is missing."""
        if self._left_out:
            self._append(
                f"\n[portal] {self._left_out} bytes are left out here: a log may have {self._limit}.\n".encode()
            )
        self._append(bytes(self._end))
        if self._lost:
            self._note_loss()
        os.close(self._file)

    def _append(self, data: bytes) -> None:
        if self._lost and not self._note_loss():
            self._lost += len(data)
            return
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            self._lost += len(view)
            self._error = error.strerror or "error"

    def _note_loss(self) -> bool:
        """Say in the log what it misses; False while there is no room for that either."""
        note = f"\n[portal] {self._lost} bytes of output could not be kept: {self._error}.\n".encode()
        try:
            os.write(self._file, note)
        except OSError:
            return False
        self._lost = 0
        return True

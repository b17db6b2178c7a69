"""The folder that holds everything of one portal on one machine, used by one supervisor at a time."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.embedded.errors import StartRefused
from portal.embedded.secret_files import secret_kept

LOG_BYTES = 10 * 1024 * 1024


@dataclass
class DataDir:
    """`DATA_DIR` and what lies where in it."""

    root: Path
    _lock: IO[str] | None = None

    def claim(self) -> None:
        """Take it for this process until it ends, however it ends. Raises StartRefused when it is in use."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._lock = (self.root / "lock").open("a+")
        except OSError as error:
            raise StartRefused(f"DATA_DIR {self.root} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.seek(0)
            raise StartRefused(
                f"A portal already runs on {self.root} (process {self._lock.read().strip()}). "
                "Stop it first, or choose another folder and port: make run DATA_DIR=./.data2 PORT=8001"
            ) from error
        self._lock.truncate(0)
        self._lock.write(f"{os.getpid()}\n")
        self._lock.flush()

    def secret(self, name: str) -> str:
        """A secret that is made on the first start."""
        return secret_kept(self.secret_path(name))

    def secret_path(self, name: str) -> Path:
        return self.root / "secrets" / name

    def log(self, name: str) -> Path:
        """The log of a process; a long one of an earlier start is put aside."""
        path = self.root / "logs" / f"{name}.log"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

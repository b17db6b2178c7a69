"""What to run, within which limits, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024
PROCESSES_AT_MOST = 1000
EXITED, SIGNAL, TIME, MEMORY, PROCESSES = "exited", "signal", "time", "memory", "processes"
CANCELLED, LOST = "cancelled", "lost"


@dataclass(frozen=True)
class Limits:
    """What a command may use, all of its processes together; None means no limit.

    `memory_bytes` is what its processes really hold, measured several times a second, since a limit on the
    address space would break programs that only reserve it. `file_bytes` is the size of one file.
    """

    seconds: float | None = None
    memory_bytes: int | None = None
    cpus: int | None = None
    file_bytes: int | None = None
    processes: int | None = PROCESSES_AT_MOST
    log_bytes: int = 256 * MIB


@dataclass(frozen=True)
class Command:
    """One command. `env` is its whole environment: nothing of the worker's is inherited.

    `secrets` (name to value) are added to the environment, and their values are masked in the log.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Exit:
    """How a command ended.

    `cause` is `exited` (see `code`), `signal` (somebody or the kernel sent `signal`), or why the portal ended it:
    `time`, `memory`, `processes` (too many of them), `cancelled`, or `lost` (the job was no longer this worker's,
    or its launcher was killed; of both `run_command` raises, and only the row of the attempt says it).
    """

    code: int | None
    signal: int | None
    cause: str
    tail: str
    seconds: float
    peak_memory_bytes: int | None

    @property
    def is_success(self) -> bool:
        return self.cause == EXITED and self.code == 0

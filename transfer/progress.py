"""How far a transfer is: a bar on a terminal, or what the page of a job shows."""

import sys
import time
from typing import Protocol
from uuid import UUID

from tqdm import tqdm

from jobs.models import JobProgress as Progressed
from jobs.process.progress import progress_set

_EVERY_SECONDS = 1.0


class Progress(Protocol):
    def step(self, what: str, amount: int = 1) -> None:
        """So much more of something was done."""

    def close(self) -> None: ...


class Bar:
    """Runs as the bar's steps, points and bytes beside it."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr.isatty()
        self._bar = tqdm(unit=" runs", disable=not self.is_shown, dynamic_ncols=True)
        self._amounts: dict[str, int] = {}

    def step(self, what: str, amount: int = 1) -> None:
        if what == "runs":
            self._bar.update(amount)
            return
        self._amounts[what] = self._amounts.get(what, 0) + amount
        self._bar.set_postfix({name: f"{count:,}" for name, count in self._amounts.items()}, refresh=False)

    def close(self) -> None:
        self._bar.close()


class JobProgress:
    """Bars of a job, written once a second at most."""

    def __init__(self, job_id: UUID) -> None:
        self._job_id, self._written = job_id, 0.0
        # Runs are looked through again by another attempt; the rest does not come twice.
        self._amounts = {
            name: int(done)
            for name, done in Progressed.objects.filter(job=job_id).values_list("name", "done")
            if name != "runs"
        }

    def step(self, what: str, amount: int = 1) -> None:
        self._amounts[what] = self._amounts.get(what, 0) + amount
        if time.monotonic() - self._written >= _EVERY_SECONDS:
            self._write()

    def close(self) -> None:
        self._write()

    def _write(self) -> None:
        for name, done in self._amounts.items():
            progress_set(self._job_id, name, done, unit=name)
        self._written = time.monotonic()

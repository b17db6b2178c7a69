"""A bar on a terminal, and nothing anywhere else."""

import sys
from typing import Protocol

from tqdm import tqdm


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

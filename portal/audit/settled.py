"""Below which id every event is settled, so that looking for new ones need not look at the whole log.

Ids are given out before their transaction commits, so an event can appear below ids that are in the log long
since. An id that was taken before a moment belongs to a transaction that had begun then; once all of those have
ended, nothing appears below it any more. The short age covers a transaction that had taken its id and not yet its
number. What should slip through all the same is found by the sweep, which goes round below the mark.
"""

import time
from collections import deque
from dataclasses import dataclass, field

from portal.kernel import sql

AGE_SECONDS = 10.0
_WATCHED_AT_MOST = 600
_MOMENT = """
SELECT coalesce((SELECT max(id) FROM audit_auditevent), 0),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


@dataclass
class Settled:
    """`below` is the mark; `look` before a pass, `advance` after one that sequenced all that it found."""

    below: int = 0
    _watched: deque[tuple[float, int, int]] = field(default_factory=deque)
    _next: int = 0

    def look(self) -> None:
        """Note how far the ids are now, and which of the noted ones have no open transaction left."""
        highest, oldest_open, next_number = sql.row(_MOMENT) or (0, 0, 0)
        moment = time.monotonic()
        while self._watched and self._is_over(self._watched[0], oldest_open, moment):
            self._next = self._watched.popleft()[1]
        if len(self._watched) < _WATCHED_AT_MOST:
            self._watched.append((moment, highest, next_number))

    def advance(self) -> None:
        """Everything up to the settled ids of the last look is in the log."""
        self.below = max(self.below, self._next)

    @staticmethod
    def _is_over(noted: tuple[float, int, int], oldest_open: int, moment: float) -> bool:
        return moment - noted[0] >= AGE_SECONDS and oldest_open >= noted[2]

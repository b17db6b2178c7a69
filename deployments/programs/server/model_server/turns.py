"""Who may call the model when: so many at once, and those who wait for a turn may be answered by one call.

Rows of requests that wait are put into one table, as far as `rows` allows, and the model is called once. Nobody waits
for others to come: when nothing runs, a request goes alone. That is for models that look at each row by itself; whoever
deploys one says so. Where the answer cannot be cut into rows, or the call fails, each table is asked for by itself.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from model_server.timing import note


class Turns:
    """At most `threads` calls at once; `longest` is how many seconds the oldest has been running."""

    def __init__(self, threads: int) -> None:
        self._free = threading.Semaphore(threads)
        self._began: dict[int, float] = {}

    def __enter__(self) -> None:
        self._free.acquire()
        self._began[threading.get_ident()] = time.monotonic()

    def __exit__(self, *_: object) -> None:
        del self._began[threading.get_ident()]
        self._free.release()

    @property
    def longest(self) -> float:
        return max((time.monotonic() - began for began in list(self._began.values())), default=0.0)


@dataclass
class _Waiting:
    table: pd.DataFrame
    asked: float
    answer: object = None
    error: "BaseException | None" = None
    # When the model was called for it and had answered, and for how many together.
    call: "tuple[float, float, int]" = (0.0, 0.0, 1)
    done: threading.Event = field(default_factory=threading.Event)


class Batches:
    """Calls a model for all tables that wait. `__call__` is for many threads; it raises what the model raises."""

    def __init__(self, call, turns: Turns, rows: int) -> None:
        self._call, self._turns, self._rows = call, turns, rows
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()

    def __call__(self, table: pd.DataFrame):
        mine = _Waiting(table, time.monotonic())
        with self._lock:
            self._waiting.append(mine)
        while not mine.done.is_set():
            with self._turns:
                taken = [] if mine.done.is_set() else self._taken()
                self._answer(taken)
            if not taken:
                mine.done.wait()  # another thread has it in hand
        note(mine.asked, *mine.call)
        if mine.error is not None:
            raise mine.error
        return mine.answer

    def _taken(self) -> "list[_Waiting]":
        """The first that waits, and what comes after it and fits."""
        with self._lock:
            taken, size = [], 0
            while self._waiting:
                table = self._waiting[0].table
                size += len(table)
                if taken and (size > self._rows or list(table.dtypes) != list(taken[0].table.dtypes)):
                    break
                taken.append(self._waiting.popleft())
            return taken

    def _answer(self, taken: "list[_Waiting]") -> None:
        if len(taken) > 1 and self._answer_together(taken):
            return
        for each in taken:
            began = time.monotonic()
            try:
                each.answer = self._call(each.table)
            except BaseException as error:
                each.error = error
            each.call = (began, time.monotonic(), 1)
            each.done.set()

    def _answer_together(self, taken: "list[_Waiting]") -> bool:
        began = time.monotonic()
        try:
            found = self._call(pd.concat([each.table for each in taken], ignore_index=True))
        except Exception:
            return False  # one of them may be to blame; each is told its own error
        if not isinstance(found, (np.ndarray, pd.Series, pd.DataFrame, list)):
            return False
        if len(found) != sum(len(each.table) for each in taken):
            return False
        call = (began, time.monotonic(), len(taken))
        rows, at = found.iloc if isinstance(found, (pd.Series, pd.DataFrame)) else found, 0
        for each in taken:
            part = rows[at : at + len(each.table)]
            each.answer = part.reset_index(drop=True) if rows is not found else part
            at += len(each.table)
            each.call = call
            each.done.set()
        return True

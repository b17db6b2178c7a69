"""Rows of requests that wait are scored together, and everybody gets their own answer."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SERVER = Path(__file__).resolve().parents[2] / "deployments" / "programs" / "server"


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(SERVER))
    import model_server.turns as found  # noqa: PLC0415 - a program of its own, not on our path

    yield found
    for name in [name for name in sys.modules if name.startswith("model_server")]:
        del sys.modules[name]


class Model:
    """Doubles, after all that shall wait do so."""

    def __init__(
        self, answer: Callable[[pd.DataFrame], Any] = lambda table: table["x"].to_numpy() * 2
    ) -> None:
        self.sizes: list[int] = []
        self.begin, self.answer = threading.Event(), answer

    def __call__(self, table: pd.DataFrame) -> Any:
        self.begin.wait(20)
        self.sizes.append(len(table))
        return self.answer(table)


def asked(turns: Any, model: Model, tables: list[pd.DataFrame], *, rows: int, threads: int = 1) -> list[Any]:
    """What each table's caller gets, all having asked before the model first answers; errors as such."""
    batches = turns.Batches(model, turns.Turns(threads), rows)

    def ask(table: pd.DataFrame) -> Any:
        try:
            return batches(table)
        except ValueError as error:
            return error

    with ThreadPoolExecutor(len(tables)) as pool:
        found = [pool.submit(ask, table) for table in tables]
        while len(batches._waiting) < len(tables) - threads:
            pass
        model.begin.set()
        return [each.result(20) for each in found]


def tables_of(*values: Any) -> list[pd.DataFrame]:
    return [pd.DataFrame({"x": np.array([value, value + 0.5])}) for value in values]


@pytest.mark.parametrize("threads", [1, 3])
def test_each_gets_the_answer_to_its_own_rows(turns: Any, threads: int) -> None:
    model = Model()
    found = asked(turns, model, tables_of(*range(12)), rows=8, threads=threads)
    assert [list(each) for each in found] == [[2 * number, 2 * number + 1] for number in range(12)]
    assert sum(model.sizes) == 24
    assert max(model.sizes) == 8
    assert len(model.sizes) < 12


def test_only_the_one_to_blame_is_told(turns: Any) -> None:
    def picky(table: pd.DataFrame) -> Any:
        if (table["x"] == 3).any():
            raise ValueError("no 3")
        return table["x"].tolist()

    found = asked(turns, Model(picky), tables_of(*range(6)), rows=100)
    assert [isinstance(each, ValueError) for each in found] == [number == 3 for number in range(6)]
    assert found[4] == [4, 4.5]


@pytest.mark.parametrize("answer", [lambda table: np.zeros(1), lambda table: {"sum": table["x"].sum()}])
def test_an_answer_that_is_not_one_of_rows_is_asked_for_each(turns: Any, answer: Any) -> None:
    model = Model(answer)
    asked(turns, model, tables_of(*range(4)), rows=100)
    assert model.sizes[-3:] == [2, 2, 2]


def test_tables_keep_their_index_and_types(turns: Any) -> None:
    mixed = [*tables_of(1, 2, 3), pd.DataFrame({"x": np.array([7, 8])}), *tables_of(4)]
    found = asked(turns, Model(lambda table: table * 2), mixed, rows=100)
    for table, answer in zip(mixed, found, strict=True):
        pd.testing.assert_frame_equal(answer, table * 2)


def test_the_oldest_call_is_known(turns: Any) -> None:
    few = turns.Turns(1)
    assert few.longest == 0
    with few:
        assert few.longest > 0
    assert few.longest == 0


def test_each_is_told_how_long_it_waited_and_with_whom(turns: Any) -> None:
    from model_server.timing import Timed  # noqa: PLC0415 - as above

    model, timed = Model(), []
    batches = turns.Batches(model, turns.Turns(1), 100)
    for table in tables_of(1, 2, 3, 4):
        timed.append(Timed(lambda table=table: batches(table)))
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(each) for each in timed]
        while len(batches._waiting) < 3:
            pass
        time.sleep(0.05)
        model.begin.set()
        assert [len(each.result(20)) for each in found] == [2] * 4
    told = [dict(part.split(";", 1) for part in each.header().split(", ")) for each in timed]
    waits = sorted(float(each["queue"].removeprefix("dur=")) for each in told)
    assert waits[0] < 40 < 50 <= waits[1]
    assert sorted(each["predict"].partition(";desc=")[2] for each in told) == ["", "3", "3", "3"]

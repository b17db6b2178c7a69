"""What lies beside a model while it scores is not believed: neither what it says of parts, nor what it leaves there."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deployments.scoring import working
from jobs.errors import Permanent


class Step:
    """The cursor of a job, and nothing else of it."""

    def __init__(self, cursor: dict[str, Any] | None = None) -> None:
        self.cursor, self.run = cursor or {}, SimpleNamespace(pk=1)

    def checkpoint(self, cursor: dict[str, Any]) -> None:
        self.cursor = cursor


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(working, "progress_set", lambda *_: None)
    (tmp_path / "parts").mkdir()

    def begin(step: Step) -> Any:
        scoring: Any = SimpleNamespace(dataset=SimpleNamespace(row_count=10))
        return working._Parts(step, scoring, tmp_path / "parts", tmp_path / "progress")  # type: ignore[arg-type]

    return begin


def made(found: Any, number: int, text: str = "rows") -> None:
    """What the program does when a part is whole."""
    found.path(number).write_text(f"{text} {number}")
    with found.progress.open("a") as file:
        file.write(json.dumps({"part": number, "rows": 5}) + "\n")


def test_another_attempt_goes_on_behind_the_parts_that_are_the_same(parts: Any) -> None:
    step = Step()
    first = parts(step)
    for number in range(3):
        made(first, number)
    first.look()
    first.path(2).write_text("changed since")
    (first.folder / "more").mkdir()
    first.progress.unlink()

    second = parts(step)
    assert (len(second.known), second.before) == (2, 2)
    made(second, 2)
    with second.progress.open("a") as file:
        file.write('{"part": 3, "ro')  # not whole yet
    second.look()
    second.look()
    assert [rows for _, rows in second.known] == [5, 5, 5]
    second.unchanged_check()


@pytest.mark.parametrize(
    "said",
    ["nothing\n", "[]\n", '{"part": 0}\n', '{"part": 7, "rows": 1}\n', '{"part": 0, "rows": "x"}\n',
     '{"part": 0, "rows": Infinity}\n', "[" * 100_000 + "\n", " " * (working.PROGRESS_BYTES + 1), b"\xff\n"],
)  # fmt: skip
def test_what_is_said_of_parts_may_be_anything(parts: Any, said: str | bytes) -> None:
    found = parts(Step())
    found.progress.write_bytes(said if isinstance(said, bytes) else said.encode())
    with pytest.raises(Permanent, match="cannot be read"):
        found.look()


def test_a_link_is_not_followed(parts: Any, tmp_path: Path) -> None:
    found = parts(Step())
    (tmp_path / "secret").write_text('{"part": 0, "rows": 1}\n')
    found.progress.symlink_to(tmp_path / "secret")
    with pytest.raises(Permanent, match="cannot be read"):
        found.look()


@pytest.mark.parametrize("change", ["more", "other", "gone", "link"])
def test_only_the_parts_that_were_noted_are_kept(parts: Any, tmp_path: Path, change: str) -> None:
    found = parts(Step())
    made(found, 0)
    found.look()
    part = found.path(0)
    if change == "more":
        (found.folder / "part-00001.parquet").write_text("mine")
    elif change == "other":
        part.write_text("mine")
    else:
        part.rename(tmp_path / "elsewhere")
        if change == "link":
            part.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Permanent, match="not those"):
        found.unchanged_check()

"""What a model's process says of its time becomes parts of a trace, where it can be true."""

import pytest

from deployments.gateway.timings import Part, parts_of

SAID = b"read;dur=0.100, queue;dur=0.200, predict;dur=0.500;desc=4, write;dur=0.200"
MS = 1_000_000


def test_parts_stand_in_the_middle_of_what_passed() -> None:
    assert parts_of(SAID, 10 * MS, 12 * MS) == [
        Part("queue", 10 * MS + 600_000, 10 * MS + 800_000, 1),
        Part("predict", 10 * MS + 800_000, 10 * MS + 1_300_000, 4),
    ]


@pytest.mark.parametrize(
    ("said", "took"),
    [
        (b"", 2 * MS),
        (SAID, MS - 1),
        (SAID.replace(b"0.500", b"-0.5"), 2 * MS),
        (SAID.replace(b"0.500", b"1e3"), 2 * MS),
        (SAID.replace(b"queue", b"queue2"), 2 * MS),
        (SAID.replace(b"read;dur=0.100, ", b""), 2 * MS),
        (SAID + b", write;dur=0.100", 9 * MS),
        (b"cache;desc=hit", 2 * MS),
        (SAID + b" " * 200, 2 * MS),
    ],
)  # fmt: skip
def test_what_cannot_be_true_tells_nothing(said: bytes, took: int) -> None:
    assert parts_of(said, 0, took) == []

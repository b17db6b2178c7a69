"""The order of a test run names files that there are."""

from pathlib import Path

from tests.spread import DEAREST, unit_of

ROOT = Path(__file__).resolve().parents[2]


def test_the_dearest_files_are_there_and_stand_alone():
    assert [each for each in DEAREST if not (ROOT / each).is_file() or unit_of(f"{each}::test") != each] == []

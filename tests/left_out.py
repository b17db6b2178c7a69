"""A pytest plugin: a run without the slow tests does not import the files, and the libraries, of only slow ones.

The marks decide, as ever: a file is passed by when its own `pytestmark` takes all of its tests out of the run.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FAST = "not slow and not browser"
_ALL_SLOW = re.compile(r"^pytestmark = .*pytest\.mark\.(slow|browser)\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if config.option.markexpr != FAST:
        return None
    if TESTS not in collection_path.parents:
        return None  # pytest asks for the folders above as well, which hold the environment and all caches
    if collection_path.is_dir():
        files = list(collection_path.rglob("test_*.py"))
        return True if files and all(map(_is_slow, files)) else None
    return True if collection_path.name.startswith("test_") and _is_slow(collection_path) else None


def _is_slow(file: Path) -> bool:
    return file.suffix == ".py" and _ALL_SLOW.search(file.read_text()) is not None

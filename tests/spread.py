"""A pytest plugin: in which order the processes of a run take the files of tests, and which files stay together.

Files with slow tests come first, the dearest of them at the very start, so that at the end there are many short ones
to share out, and no process works on when the others have nothing left. Files that need the same servers go to one
process, which starts them once.
By itself pytest-xdist takes the files with the most tests first, which leaves the longest to the end.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

_LONG = ("slow", "browser")
# Each takes minutes: the longest first.
DEAREST = (
    "tests/deployments/test_serving_live.py", "tests/deployments/test_ray_serve.py", "tests/operations/test_run.py",
    "tests/data/test_live_evaluation.py", "tests/api/test_schemathesis.py", "tests/training/test_ray.py",
    "tests/deployments/test_scorings_live.py", "tests/compliance/test_crashes.py",
)  # fmt: skip
_TOGETHER = re.compile(
    r"tests/(?:browser/|jobs/test_(?:processes|command_faults|digest_model|claims_at_once)\.py)"
)


class Spread(LoadFileScheduling):
    """Whole files, in the order of the collection."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """What is given to a process as a whole: a file, or the files of a folder that share servers."""
    file = nodeid.partition("::")[0]
    return f"{file.rpartition('/')[0]}/ with its servers" if _TOGETHER.match(file) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread | None:
    return Spread(config, log) if config.option.dist == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every process sorts alike; a run in one process keeps the order of the files."""
    if not hasattr(config, "workerinput"):
        return
    long = {unit_of(item.nodeid) for item in items if any(map(item.get_closest_marker, _LONG))}
    shared = {unit_of(item.nodeid) for item in items if _TOGETHER.match(item.nodeid)}

    def place(item: pytest.Item) -> tuple[bool, int, bool]:
        unit = unit_of(item.nodeid)
        dear = DEAREST.index(unit) if unit in DEAREST else len(DEAREST)
        return unit not in shared, dear, unit not in long

    items.sort(key=place)

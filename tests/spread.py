"""A pytest plugin: in which order the processes of a run take the files of tests, and which files stay together.

Files with slow tests come first, so that at the end there are many short ones to share out, and no process works
on when the others have nothing left. Files that need the same servers go to one process, which starts them once.
By itself pytest-xdist takes the files with the most tests first, which leaves the longest to the end.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

_LONG = ("slow", "browser")
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
    items.sort(key=lambda item: (unit_of(item.nodeid) not in shared, unit_of(item.nodeid) not in long))

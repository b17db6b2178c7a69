"""A sequencer in a process of its own, a fork of this one, that kills itself at one of its steps."""

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from portal.audit import sequencer, tree
from portal.audit.models import AuditCheckpoint
from portal.audit.notes import Signer
from tests.audit.bundles import ORIGIN, SEED

PLACES: dict[str, tuple[Any, str]] = {
    "select": (sequencer.sql, "rows"),
    "frontier": (tree, "frontier"),
    "leaves": (tree, "leaves_write"),
    "nodes": (tree, "nodes_write"),
    "sign": (Signer, "sign"),
    "checkpoint": (AuditCheckpoint.objects, "create"),
    "commit": (transaction.Atomic, "__exit__"),
    "remember": (sequencer.Sequencer, "_remember"),
}
STEPS = ("lock", *PLACES)


def died_at(step: str, passes: int, state: Path) -> bool:
    """Whether a sequencer was killed at that step, which it may pass so many times before."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        _child(step, passes, state)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _child(step: str, passes: int, state: Path) -> None:
    """Never returns into the tests of the parent."""
    try:
        worker = sequencer.Sequencer(Signer(ORIGIN, SEED), state, batch=7)
        if step == "lock":
            connection.ensure_connection()
            os.kill(os.getpid(), signal.SIGKILL)
        owner, name = PLACES[step]
        setattr(owner, name, killing(getattr(owner, name), passes))
        worker.run()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def killing(function: Callable[..., Any], passes: int) -> Callable[..., Any]:
    """The function, and SIGKILL right after it has done its work for the last time."""
    count = 0

    def run(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        result = function(*args, **kwargs)
        if count == passes:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1
        return result

    return run

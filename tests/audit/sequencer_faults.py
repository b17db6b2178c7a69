"""A sequencer in a process of its own that kills itself at one of its steps: `python -m tests.audit.sequencer_faults`.

The arguments are the step and how often it may be passed before it kills. Without a step it runs one pass.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

STEPS = ("lock", "select", "frontier", "leaves", "nodes", "sign", "checkpoint", "commit", "remember")


def main() -> None:
    step, passes, state = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    django.setup()
    from django.db import connection, transaction  # noqa: PLC0415 - needs django.setup()

    from portal.audit import sequencer, tree  # noqa: PLC0415
    from portal.audit.models import AuditCheckpoint  # noqa: PLC0415
    from portal.audit.notes import Signer  # noqa: PLC0415
    from tests.audit.bundles import ORIGIN, SEED  # noqa: PLC0415

    places: dict[str, tuple[Any, str]] = {
        "select": (sequencer.sql, "rows"),
        "frontier": (tree, "frontier"),
        "leaves": (tree, "leaves_write"),
        "nodes": (tree, "nodes_write"),
        "sign": (Signer, "sign"),
        "checkpoint": (AuditCheckpoint.objects, "create"),
        "commit": (transaction.Atomic, "__exit__"),
        "remember": (sequencer.Sequencer, "_remember"),
    }
    worker = sequencer.Sequencer(Signer(ORIGIN, SEED), Path(state), batch=7)
    if step == "lock":
        connection.ensure_connection()
        os.kill(os.getpid(), signal.SIGKILL)
    if step in places:
        owner, name = places[step]
        setattr(owner, name, killing(getattr(owner, name), passes))
    worker.run()


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


if __name__ == "__main__":
    main()

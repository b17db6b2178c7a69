"""Who must know when the risk tier of an AI system changes. The apps above declare themselves here.

A tier decides which policies apply to the models of a system and how many approve; an app that keeps models looks
before and after the change, in its transaction, and may refuse it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from compliance.models import AISystem
from portal.accounts.actor import Actor

Watcher = Callable[[Actor, AISystem, str], AbstractContextManager[None]]
TIER_WATCHERS: list[Watcher] = []


def tier_watcher_declare(watcher: Watcher) -> None:
    """Add a watcher: `watcher(actor, system, what)` is entered before the change and left after it."""
    if watcher not in TIER_WATCHERS:
        TIER_WATCHERS.append(watcher)


@contextmanager
def tier_watched(actor: Actor, system: AISystem, what: str) -> Iterator[None]:
    """Let all watchers look on while the tier of a system, or that it is in use, changes."""
    with ExitStack() as stack:
        for watcher in TIER_WATCHERS:
            stack.enter_context(watcher(actor, system, what))
        yield

"""The catalogue of privileged state that a bundle carries, so that a verifier can ask which events explain it.

An app adds its own in a module `audit_states`, which is imported when all apps are loaded. The verifier knows by
name which events begin and end a fact (`FOLDS` in `compliance/verify.py`); one that it does not know it reports.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class State:
    """One kind of privileged state: `rows` gives its facts as they are now, each as one plain-JSON object."""

    name: str
    rows: Callable[[], Iterator[dict[str, Any]]]


STATES: dict[str, State] = {}


def state_declare(state: State) -> None:
    """Add a kind of state. Raises LookupError when its name is taken."""
    if STATES.setdefault(state.name, state) is not state:
        raise LookupError(f"The state {state.name} is declared twice.")

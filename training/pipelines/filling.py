"""Puts values in the place of `${{ address }}` in the strings of a document."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from portal.kernel.errors import InvalidInput

# `${{ parameters }}` alone is the file of a training with its parameters, and left to that.
_ADDRESS = re.compile(
    r"\$\{\{\s*(?!parameters\s*\})((?:parameters|steps|item|event)(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\s*\}\}"
)
Parts: TypeAlias = tuple[str, ...]


class Unknown(InvalidInput):
    """An address leads nowhere."""

    code = "unknown_address"


def addresses_in(value: Any) -> Iterator[Parts]:
    """All addresses in the strings of a value, as their parts: `("steps", "a", "values", "x")`."""
    if isinstance(value, dict):
        for each in value.values():
            yield from addresses_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from addresses_in(each)
    elif isinstance(value, str):
        for found in _ADDRESS.finditer(value):
            yield _parts(found[1])


def fill(value: Any, look_up: Callable[[Parts], Any]) -> Any:
    """The same with values put in; a string that is one address alone becomes the value with its type."""
    if isinstance(value, dict):
        return {key: fill(each, look_up) for key, each in value.items()}
    if isinstance(value, list):
        return [fill(each, look_up) for each in value]
    if not isinstance(value, str):
        return value
    alone = _ADDRESS.fullmatch(value.strip())
    if alone:
        return look_up(_parts(alone[1]))
    return _ADDRESS.sub(lambda found: str(look_up(_parts(found[1]))), value)


def _parts(text: str) -> Parts:
    parts = tuple(text.split("."))
    wanted = {"parameters": 2, "event": 2, "item": 1, "steps": 4}[parts[0]]
    if len(parts) != wanted or (parts[0] == "steps" and parts[2] != "values"):
        raise Unknown(f"{text} is no address; there are parameters.name, steps.name.values.key and item.")
    return parts

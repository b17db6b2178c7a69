"""Which sections of a card say something, and what differs between two states of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.cards.schema import SECTIONS

DIFFERENCES_AT_MOST = 1000


def sections_filled(content: Mapping[str, Any]) -> dict[str, bool]:
    """Every section by name, and whether anything stands in it."""
    return {name: _says(content.get(name)) for name in SECTIONS}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`[{path, before, after}]` for every value that is not the same in both; None stands for absent."""
    old, new = dict(_leaves(before, "$")), dict(_leaves(after, "$"))
    paths = [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
    return [
        {"path": path, "before": old.get(path), "after": new.get(path)}
        for path in paths[:DIFFERENCES_AT_MOST]
    ]


def _says(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_says(each) for each in value.values())
    if isinstance(value, list):
        return any(_says(each) for each in value)
    return value is not None


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from _leaves(each, f"{path}[{number}]")
    else:
        yield path, value

"""What a logged request asked about, as rows of named columns, whatever form it came in; and what was answered.

The log keeps every form of MLflow's protocol and of the Open Inference Protocol as it came, CSV as a split table.
Columns without a name are called by their place: "0", "1".
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, TypeAlias

Names: TypeAlias = tuple[str, ...]
Block: TypeAlias = tuple[Names, list[Sequence[Any]]]
NOTHING: Block = ((), [])


def rows_asked(said: Any) -> Block:
    """Names and rows of a request; nothing for what is not understood."""
    if not isinstance(said, dict):
        return NOTHING
    split = said.get("dataframe_split")
    if isinstance(split, dict):
        return _split(split)
    for form in ("dataframe_records", "instances"):
        if isinstance(said.get(form), list):
            return _listed(said[form])
    inputs = said.get("inputs")
    if isinstance(inputs, dict):
        return _by_column(inputs)
    if not isinstance(inputs, list):
        return NOTHING
    return _tensors(inputs) if _is_tensor(inputs) else _listed(inputs)


def answers(said: Any, rows: int, field: str | None = None) -> list[Any]:
    """One prediction for each of so many rows: a number, a label, or None where the answer has nothing of that kind.

    `field` names the part of an answer that has several.
    """
    given = _answered(said, field)
    found = [_plain(each, field) for each in given[:rows]]
    return found + [None] * (rows - len(found))


def _split(split: dict[str, Any]) -> Block:
    columns, data = split.get("columns"), split.get("data")
    if not isinstance(data, list) or not all(isinstance(row, list) for row in data):
        return NOTHING
    width = max(map(len, data), default=0)
    names = tuple(map(str, columns)) if isinstance(columns, list) else _places(width)
    return names, data if all(len(row) == len(names) for row in data) else _squared(data, len(names))


def _listed(given: list[Any]) -> Block:
    if not given:
        return NOTHING
    if all(isinstance(each, dict) for each in given):
        names = tuple(given[0])
        if any(len(each) != len(names) or tuple(each) != names for each in given):
            names = tuple(dict.fromkeys(chain.from_iterable(given)))
        return names, [[each.get(name) for name in names] for each in given]
    data = [each if isinstance(each, list) else [each] for each in given if not isinstance(each, dict)]
    width = max(map(len, data), default=0)
    return _places(width), _squared(data, width)


def _by_column(columns: dict[str, Any]) -> Block:
    names = tuple(columns)
    lists = [each if isinstance(each, list) else [each] for each in columns.values()]
    length = max(map(len, lists), default=0)
    padded = [each + [None] * (length - len(each)) for each in lists]
    return names, list(zip(*padded, strict=True))


def _is_tensor(inputs: list[Any]) -> bool:
    first = inputs[0] if inputs else None
    return isinstance(first, dict) and "datatype" in first and "data" in first


def _tensors(inputs: list[Any]) -> Block:
    columns: dict[str, Any] = {}
    for tensor in inputs:
        if isinstance(tensor, dict) and isinstance(tensor.get("data"), list):
            columns.update(_tensor(str(tensor.get("name", "")), tensor.get("shape"), tensor["data"]))
    return _by_column(columns)


def _tensor(name: str, shape: Any, data: list[Any]) -> dict[str, list[Any]]:
    """One column for a list; for a table one for each place in its rows, named by tensor and place."""
    flat = _flat(data)
    width = shape[1] if isinstance(shape, list) and len(shape) == 2 and isinstance(shape[1], int) else 1
    if width <= 1 or len(flat) % width:
        return {name: flat}
    return {f"{name}_{place}": flat[place::width] for place in range(width)}


def _flat(data: list[Any]) -> list[Any]:
    while data and isinstance(data[0], list):
        data = list(chain.from_iterable(each if isinstance(each, list) else [each] for each in data))
    return data


def _answered(said: Any, field: str | None) -> list[Any]:
    if isinstance(said, list):
        return said
    if not isinstance(said, dict):
        return []
    outputs = said.get("outputs")
    if isinstance(outputs, list):
        named = [each for each in outputs if isinstance(each, dict) and isinstance(each.get("data"), list)]
        chosen = next((each for each in named if each.get("name") == field), named[0] if named else None)
        return _flat(chosen["data"]) if chosen else []
    found = said.get("predictions")
    if isinstance(found, dict):
        found = found.get(field) if field in found else next(iter(found.values()), None)
    return found if isinstance(found, list) else []


def _plain(value: Any, field: str | None) -> Any:
    if isinstance(value, dict):
        value = (
            value.get(field)
            if field in value
            else next(iter(value.values()), None)
            if len(value) == 1
            else None
        )
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    return value if isinstance(value, (int, float, str, bool)) else None


def _places(width: int) -> Names:
    return tuple(map(str, range(width)))


def _squared(data: Iterable[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    return [row if len(row) == width else [*row[:width], *[None] * (width - len(row))] for row in data]

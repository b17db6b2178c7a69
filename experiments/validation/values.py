"""How protobuf reads the single values of a JSON request; each converter raises Mismatch on a wrong one."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Converter: TypeAlias = Callable[[Any, str], Any]

INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)
_SHOWN_CHARACTERS = 500


class Mismatch(ValueError):
    """A value of the wrong type or range, and where it stands."""

    def __init__(self, path: str, value: Any, reason: str = "") -> None:
        super().__init__(path)
        self.path = path
        reason = reason or f" Hint: Value was of type '{type(value).__name__}'."
        self.message = invalid_value(path, value, reason)


def invalid_value(path: str, value: Any, message: str = "") -> str:
    """MLflow's sentence for a bad value, which it shows as JSON; a long one is cut."""
    shown = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    if len(shown) > _SHOWN_CHARACTERS:
        shown = shown[:_SHOWN_CHARACTERS] + "..."
    return f"Invalid value {shown} for parameter '{path}' supplied" + (f": {message}" if message else ".")


def missing(path: str) -> str:
    """MLflow's sentence for an absent value."""
    return f"Missing value for required parameter '{path}'."


def text(value: Any, path: str) -> str:
    """A string that PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    if type(value) is not str:
        raise Mismatch(path, value)
    if "\x00" in value:
        raise Mismatch(path, value, "NUL characters cannot be stored.")
    if not value.isascii():
        _refuse_surrogates(value, path)
    return value


def int32(value: Any, path: str) -> int:
    """A whole number of 32 bits, also from a string or a float without a fraction."""
    return _integer(value, path, INT32)


def int64(value: Any, path: str) -> int:
    """A whole number of 64 bits, also from a string or a float without a fraction."""
    return _integer(value, path, INT64)


def double(value: Any, path: str) -> float:
    """A float, also from a string: "NaN", "Infinity" and "-Infinity" have no other spelling in JSON."""
    if type(value) is float or type(value) is int:
        return float(value)
    if type(value) is not str or value == "nan" or "\x00" in value:
        raise Mismatch(path, value)
    try:
        return float(value)
    except ValueError:
        raise Mismatch(path, value) from None


def boolean(value: Any, path: str) -> bool:
    """true or false, never a number or a string."""
    if type(value) is not bool:
        raise Mismatch(path, value)
    return value


def enum(numbers: Mapping[str, int]) -> Converter:
    """A converter for the names of an enum, or its numbers, to the name."""
    names = {number: name for name, number in numbers.items()}

    def convert(value: Any, path: str) -> str:
        if type(value) is str and value in numbers:
            return value
        try:
            return names[_integer(value, path, INT32)]
        except KeyError:
            raise Mismatch(path, value) from None

    return convert


def _integer(value: Any, path: str, bounds: tuple[int, int]) -> int:
    number = value if type(value) is int else _whole(value, path)
    low, high = bounds
    if not low <= number <= high:
        raise Mismatch(path, value, f"It must lie between {low} and {high}.")
    return number


def _whole(value: Any, path: str) -> int:
    if type(value) is str and " " not in value:
        try:
            return int(value)
        except ValueError:
            return _from_float(_parsed_float(value, path), value, path)
    if type(value) is float:
        return _from_float(value, value, path)
    raise Mismatch(path, value)


def _parsed_float(value: str, path: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise Mismatch(path, value) from None


def _from_float(number: float, value: Any, path: str) -> int:
    # A number beyond 64 bits arrives from the JSON decoder as a float, rounded to 2**63 in the worst case.
    if not math.isfinite(number) or not number.is_integer() or abs(number) >= 2.0**63:
        raise Mismatch(path, value)
    return int(number)


def _refuse_surrogates(value: str, path: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Mismatch(path, value, "Unpaired surrogates cannot be stored.") from None

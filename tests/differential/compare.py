"""What differs between two answers, as a list of places."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.differential.symbols import Symbols
from tests.live.wire import Reply

_ABSENT = "<absent>"
# MLflow's finer classes of errors: a client derives them from the error code where they are absent.
_CLASSIFICATION = ("sqlstate", "error_class")


@dataclass(frozen=True)
class Difference:
    """One place at which the portal answers otherwise than stock."""

    note: str
    place: str
    stock: Any
    portal: Any

    def __str__(self) -> str:
        return (
            f"[{self.note}] {self.place}\n    stock : {_short(self.stock)}\n    portal: {_short(self.portal)}"
        )


def answers_compare(
    note: str, stock: tuple[Reply, Symbols], portal: tuple[Reply, Symbols]
) -> Iterator[Difference]:
    """The differences of two answers to one step.

    Four answers of stock are no model: a crash or an error of its database, where the portal has to refuse
    in words of its own; INVALID_STATE with status 500, which a client would retry for minutes; an HTML page
    for a path or method that is not served.
    """
    left, right = stock[0], portal[0]
    if left.json is None and left.status in (404, 405):
        yield from _expect(note, right, {404}, "ENDPOINT_NOT_FOUND")
        return
    if _is_crash(left):
        yield from _expect(note, right, set(range(400, 500)), None)
        return
    if _quotes_sql(left):
        yield from _expect(note, right, {left.status}, _error_code(left))
        return
    if left.status != right.status and not (left.status == 500 and right.status == 400):
        yield Difference(note, "status", left.status, right.status)
    for place, one, other in _walk("", _content(*stock), _content(*portal)):
        yield Difference(note, place, one, other)


def _expect(note: str, reply: Reply, statuses: set[int], code: str | None) -> Iterator[Difference]:
    if reply.status not in statuses:
        yield Difference(note, "status", "a refusal", reply.status)
    found = _error_code(reply)
    if not found or (code and found != code):
        yield Difference(note, "error_code", code or "an error code", reply.body.decode("utf-8", "replace"))


def _is_crash(reply: Reply) -> bool:
    code = _error_code(reply)
    return (reply.status >= 500 and code != "INVALID_STATE") or (code == "BAD_REQUEST" and _quotes_sql(reply))


def _quotes_sql(reply: Reply) -> bool:
    return reply.status >= 400 and b"(psycopg.errors." in reply.body


def _error_code(reply: Reply) -> str | None:
    return reply.json.get("error_code") if isinstance(reply.json, dict) else None


def _content(reply: Reply, symbols: Symbols) -> Any:
    value = reply.json
    if value is None:
        return reply.body.decode("utf-8", "replace")
    if isinstance(value, dict) and "error_code" in value:
        value = {key: item for key, item in value.items() if key not in _CLASSIFICATION}
    return symbols.of(value)


def _walk(place: str, left: Any, right: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            here = f"{place}.{key}" if place else key
            yield from _walk(here, left.get(key, _ABSENT), right.get(key, _ABSENT))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from _walk(f"{place}[{index}]", one, other)
    elif left != right or isinstance(left, bool) != isinstance(right, bool):
        yield place or "body", left, right


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else f"{text[:600]}… ({len(text)} characters)"

"""MLflow's messages as small tables, and the parser that reads a request by one of them.

It has the effect of protobuf's JSON mapping plus the checks that MLflow's handlers add: snake_case or
camelCase names, numbers as numbers or strings, unknown fields ignored, null as absent. Where MLflow goes on
with a half-read message after a wrong type, this parser refuses.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from experiments.validation.values import Converter, Mismatch, boolean, missing
from portal.kernel.mlflow_errors import ProtocolError, invalid_parameter

Check: TypeAlias = Callable[[Any], "str | None"]
Values: TypeAlias = dict[str, Any]

API_DOCS_HINT = " See the API docs for more information about request parameters."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: how to read it, and what MLflow's handler asks of it.

    `checked` says that the handler looks at the type itself, so a wrong one is reported in the order of the
    fields; `check` answers with a message when a value is out of its limits.
    """

    name: str
    convert: "Converter | Message"
    repeated: bool = False
    required: bool = False
    checked: bool = True
    check: Check | None = None
    default: Any = None

    @property
    def json_name(self) -> str:
        """The camelCase spelling that protobuf gives the field."""
        head, *rest = self.name.split("_")
        return head + "".join(part.capitalize() for part in rest)


class Message:
    """A message: its fields in the order in which MLflow's handler checks them."""

    __slots__ = ("by_name", "fields")

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        self.by_name: dict[str, Field] = {}
        for field in fields:
            self.by_name[field.name] = self.by_name[field.json_name] = field


def request_parse(
    message: Message, *, body: bytes = b"", query: Mapping[str, list[str]] | None = None
) -> Values:
    """The fields of a request by their snake_case names, defaults filled in.

    `query` wins when given (a GET with parameters), `body` is JSON else. Raises ProtocolError.
    """
    raw = _query_object(message, query) if query else body_object(body)
    return object_parse(message, raw)


def object_parse(message: Message, raw: Mapping[str, Any]) -> Values:
    """The same for an object that is decoded already."""
    named = _normalised(message, raw)
    mismatches: list[Mismatch] = []
    values = _read(message, named, "", mismatches)
    first = mismatches[0] if mismatches else None
    for field in message.fields:
        _refuse_if(_complaint(field, named, mismatches))
    _refuse_if(first.message if first else None)
    if "run_uuid" in message.by_name:
        values["run_id"] = values.get("run_id") or values.get("run_uuid")
    return values


def body_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; an empty body counts as an empty object, as does null."""
    if not body.strip():
        return {}
    decoded = _decoded(body)
    if isinstance(decoded, str):  # clients of long ago encode twice
        decoded = _decoded(decoded)
    if decoded is None:
        return {}
    if not isinstance(decoded, dict):
        raise invalid_parameter("Bad Request. The body must be a JSON object.")
    return decoded


def content_type_check(method: str, content_type: str | None) -> None:
    """Refuse a writing request whose body is not declared as JSON."""
    if method not in ("POST", "PUT"):
        return
    if not content_type:
        raise invalid_parameter("Bad Request. Content-Type header is missing.")
    if content_type.split(";")[0] != "application/json":
        raise invalid_parameter("Bad Request. Content-Type must be one of ['application/json'].")


def entry_keys_required(path: str, names: Sequence[str]) -> Check:
    """A check that every object of a list carries the named fields."""

    def check(entries: Any) -> str | None:
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            for name in names:
                if isinstance(entry, dict) and entry.get(name) in (None, ""):
                    return missing(f"{path}[{index}].{name}")
        return None

    return check


def _decoded(body: bytes | str) -> Any:
    """JSON, strictly: no lone surrogate or invalid UTF-8, and at most 1,024 levels of nesting."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        found = _with_constants(body)
        if found is None:
            raise invalid_parameter(f"Bad Request. The body is not valid JSON: {error}.") from None
        return found


def _with_constants(body: bytes | str) -> Any:
    """A body with bare NaN or Infinity, which Python clients write though JSON has no such words; else None."""
    if isinstance(body, str) or not (b"NaN" in body or b"Infinity" in body):
        return None
    try:
        # The second pass refuses what the strict decoder would have: half surrogates, numbers beyond 64 bits.
        return orjson.loads(orjson.dumps(json.loads(body.decode(), parse_constant=str)))
    except (ValueError, TypeError, RecursionError):
        return None


def _query_object(message: Message, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Query parameters as the object that the same request would carry as a body."""
    raw: dict[str, Any] = {}
    for field in message.fields:
        given = query.get(field.name)
        if given:
            raw[field.name] = given if field.repeated else _query_scalar(field, given[0])
    return raw


def _query_scalar(field: Field, value: str) -> Any:
    if field.convert is not boolean:
        return value
    if value.lower() not in ("true", "false"):
        raise invalid_parameter(f"Invalid boolean value: {value}, must be 'true' or 'false'.")
    return value.lower() == "true"


def _normalised(message: Message, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields under their snake_case names, at every level, before anything looks at them."""
    named: dict[str, Any] = {}
    for key, value in raw.items():
        field = message.by_name.get(key)
        if field is None:
            continue
        if field.name in named:
            raise invalid_parameter(
                f"Request specifies both '{field.name}' and '{field.json_name}'; provide only one of them."
            )
        named[field.name] = _normalised_value(field.convert, value)
    return named


def _normalised_value(kind: Converter | Message, value: Any) -> Any:
    if not isinstance(kind, Message):
        return value
    if isinstance(value, dict):
        return _normalised(kind, value)
    if isinstance(value, list):
        return [_normalised(kind, item) if isinstance(item, dict) else item for item in value]
    return value


def _read(message: Message, named: Mapping[str, Any], path: str, mismatches: list[Mismatch]) -> Values:
    values: Values = {}
    for field in message.fields:
        raw = named.get(field.name)
        here = f"{path}.{field.name}" if path else field.name
        try:
            values[field.name] = field.default if raw is None else _read_field(field, raw, here, mismatches)
        except Mismatch as mismatch:
            mismatches.append(mismatch)
    return values


def _read_field(field: Field, raw: Any, path: str, mismatches: list[Mismatch]) -> Any:
    if not field.repeated:
        return _read_one(field, raw, path, mismatches)
    if not isinstance(raw, list):
        raise Mismatch(path, raw)
    if isinstance(field.convert, Message):
        return [_read_one(field, item, f"{path}[{index}]", mismatches) for index, item in enumerate(raw)]
    try:
        return [field.convert(item, path) for item in raw]
    except Mismatch:
        raise Mismatch(path, raw) from None


def _read_one(field: Field, raw: Any, path: str, mismatches: list[Mismatch]) -> Any:
    if not isinstance(field.convert, Message):
        return field.convert(raw, path)
    if not isinstance(raw, dict):
        raise Mismatch(path, raw)
    return _read(field.convert, raw, path, mismatches)


def _complaint(field: Field, named: Mapping[str, Any], mismatches: Sequence[Mismatch]) -> str | None:
    """What MLflow's handler says of one field, wrong types only where the message did not parse."""
    value = named.get(field.name)
    if field.name == "run_id" and value is None:
        value = named.get("run_uuid")
    own = next(_of_field(field, mismatches), None)
    if own is not None and field.checked:
        return own.message
    if field.required and value in (None, ""):
        return missing(field.name)
    return field.check(value) if field.check and value is not None else None


def _of_field(field: Field, mismatches: Sequence[Mismatch]) -> Iterator[Mismatch]:
    """The mismatches of a field itself, not those of the objects in it."""
    return (mismatch for mismatch in mismatches if mismatch.path == field.name)


def _refuse_if(complaint: str | None) -> None:
    if complaint is not None:
        raise ProtocolError(complaint + API_DOCS_HINT)

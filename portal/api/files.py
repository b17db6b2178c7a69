"""Lists of the API as files: all rows that a list would page through, as CSV, JSON lines or Parquet.

Columns and their types come from the serializer of the list's items, so each list has them as soon as it is declared.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from portal.exports import CHUNK, FORMS, ROWS_AT_MOST, Kind, Records, records_answer
from portal.kernel.errors import InvalidInput

FILE_FORMS = ("csv", "ndjson", "parquet")
_KINDS: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], Kind], ...] = (
    (serializers.BooleanField, "flag"),
    (serializers.IntegerField, "integer"),
    (serializers.FloatField, "number"),
    (serializers.DateTimeField, "time"),
)


class FileRenderer(BaseRenderer):
    """For the negotiation only: a file is streamed, and a refusal is JSON whatever was asked for."""

    charset = None

    def render(self, data: Any, *_: Any) -> bytes:
        return JSONRenderer().render(data)


RENDERERS: list[type[BaseRenderer]] = [
    type(
        f"{form.title()}Renderer",
        (FileRenderer,),
        {"media_type": FORMS[form][1].split(";")[0], "format": form},
    )
    for form in FILE_FORMS
]


class FileQuery(serializers.Serializer[Any]):
    """What the query of every list has beside its page."""

    format = serializers.ChoiceField(
        choices=FILE_FORMS, required=False,
        help_text=f"all rows as a file, up to {ROWS_AT_MOST:,}, in the place of a page; Accept says the same",
    )  # fmt: skip


def leaves_as_file(view: Any) -> bool:
    """Whether the list of a view comes as a file: it does where its query has the pages of all lists."""
    query = view.inputs.get("GET") if view.is_paged else None
    return query is not None and issubclass(query, FileQuery)


class Negotiation(DefaultContentNegotiation):
    """Accept decides; `format` does where it names one of the forms, and else is judged like any other input."""

    def filter_renderers(self, renderers: Any, format: Any) -> Any:
        return [each for each in renderers if each.format == format] or renderers


def form_asked(request: Request, given: dict[str, Any]) -> str | None:
    """The form in which all rows shall come; None for a page."""
    accepted = getattr(getattr(request, "accepted_renderer", None), "format", "json")
    return given.get("format") or (accepted if accepted in FILE_FORMS else None)


def file_answer(
    name: str,
    form: str,
    rows: QuerySet[Any],
    output: type[Serializer[Any]],
    context: dict[str, Any],
    shown: Callable[[Any], Any] | None = None,
) -> StreamingHttpResponse:
    """All rows, newest first, as a file. Raises InvalidInput (`too_many_rows`) beyond 100,000."""
    if rows.order_by()[: ROWS_AT_MOST + 1].count() > ROWS_AT_MOST:
        raise InvalidInput(
            f"At most {ROWS_AT_MOST:,} rows leave at once. Narrow the filter, or page through the list.",
            code="too_many_rows",
        )
    serializer = output(context=context)
    head = [(field, _kind(each)) for field, each in serializer.fields.items()]
    return records_answer(name, form, head, _records(rows, output, context, dict(head), shown))


def _records(
    rows: QuerySet[Any], output: type[Serializer[Any]], context: dict[str, Any], kinds: dict[str, Kind],
    shown: Callable[[Any], Any] | None,
) -> Iterator[Records]:  # fmt: skip
    chunk: list[Any] = []
    for row in rows.order_by("-pk").iterator(chunk_size=CHUNK):
        chunk.append(shown(row) if shown else row)
        if len(chunk) == CHUNK:
            yield _flat(output(chunk, many=True, context=context).data, kinds)
            chunk = []
    if chunk:
        yield _flat(output(chunk, many=True, context=context).data, kinds)


def _flat(items: Any, kinds: dict[str, Kind]) -> Records:
    return [{name: _plain(item.get(name), kind) for name, kind in kinds.items()} for item in items]


def _plain(value: Any, kind: Kind) -> Any:
    """What has members of its own is text of JSON in a table."""
    if value is None or kind != "text" or isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return orjson.dumps(json.loads(JSONRenderer().render(value))).decode()
    return str(value)


def _kind(field: Any) -> Kind:
    return next((kind for type_, kind in _KINDS if isinstance(field, type_)), "text")


__all__ = ["RENDERERS", "FileQuery", "Negotiation", "file_answer", "form_asked", "leaves_as_file"]

"""Pages by cursor: `limit` and `cursor` in, `items` and `next_cursor` out; never an offset, never a count."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from rest_framework import serializers

from portal.api.files import FileQuery
from portal.kernel.errors import InvalidInput

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


class PageQuery(FileQuery):
    """The query of every list."""

    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_LIMIT, default=DEFAULT_LIMIT)
    cursor = serializers.CharField(required=False, max_length=200, help_text="next_cursor of the page before")


def page_of(rows: QuerySet[Any], *, limit: int, cursor: str | None) -> tuple[list[Any], str | None]:
    """One page, newest first, and the cursor of the next; the key is always the primary key."""
    rows = rows.order_by("-pk")
    if cursor:
        rows = rows.filter(pk__lt=_key(rows.model, cursor))
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], base64.urlsafe_b64encode(str(found[limit - 1].pk).encode()).decode().rstrip("=")


def _key(model: type[Model], cursor: str) -> Any:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        return model._meta.pk.to_python(text)
    except (ValueError, binascii.Error, ValidationError) as error:
        raise InvalidInput(
            "The cursor is not one that the portal gave out. Start again without it."
        ) from error


def words_of(filters: Mapping[str, Any]) -> str:
    """What was looked for, for the record of the read."""
    told = {name: value for name, value in filters.items() if name not in ("limit", "cursor")}
    return ", ".join(f"{name}={value}" for name, value in sorted(told.items()))[:500]

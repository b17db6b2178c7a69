"""Lists by UUID key: newest first, the token names the last row of the page before."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal.answers import PageRequest
from portal.kernel.errors import InvalidInput

PAGE_ROWS = 50


def key_before(request: PageRequest) -> UUID | None:
    """The key after which the page begins. Raises InvalidInput."""
    token = request.GET.get("page_token", "")
    try:
        return UUID(token) if token else None
    except ValueError:
        raise InvalidInput(
            "The page token is not one of this list. Start again from the first page."
        ) from None


def paged(rows: QuerySet[Any], before: UUID | None) -> tuple[list[Any], str | None]:
    """One page of rows that are ordered by falling key, and the token of the next."""
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE_ROWS + 1])
    more = len(found) > PAGE_ROWS
    return found[:PAGE_ROWS], found[PAGE_ROWS - 1].pk.hex if more else None

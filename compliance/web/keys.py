"""Ids in addresses: with hyphens as they are written, or as the 32 hex digits of the audit log."""

from uuid import UUID

from django.urls import register_converter

from portal.kernel.errors import InvalidInput


class Key:
    """A converter for the id of a row."""

    regex = "[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        return str(value)


register_converter(Key, "key")
KEY = "<key:key>"


def page_before(token: str) -> UUID | None:
    """The key behind the token of a page. Raises InvalidInput."""
    if not token:
        return None
    try:
        return UUID(hex=token)
    except ValueError:
        raise InvalidInput(
            "The page token is not one of this list. Start again from the first page."
        ) from None

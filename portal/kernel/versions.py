"""What a caller saw when they began to edit a row: a short text that changes whenever the row does."""

import hashlib
from typing import Any

from django.db import models

from portal.kernel.errors import Conflict

_NOT_EDITED = {"password", "last_login", "last_used_at", "last_used_address"}


def version_of(row: models.Model) -> str:
    """The version of a row: the ETag of its page in the API, the hidden `row_version` of its form."""
    values: list[Any] = [
        getattr(row, field.attname) for field in row._meta.concrete_fields if field.attname not in _NOT_EDITED
    ]
    return hashlib.sha256(repr(values).encode("utf-8", "backslashreplace")).hexdigest()[:20]


def version_check(row: models.Model, expected: str | None) -> None:
    """Raise Conflict when the locked row is no longer what the caller saw; None means they do not mind."""
    if expected is not None and expected != version_of(row):
        raise Conflict(
            f"{row} was changed by somebody else meanwhile. Load it again and repeat your edit.", code="stale"
        )

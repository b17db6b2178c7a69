"""What a failure of the database means to whoever waits for it."""

from django.db import OperationalError
from psycopg.errors import DiskFull

from portal.kernel.errors import Unavailable

AWAY = "The database does not answer. Try again."
FULL = (
    "The database has no room left on its disk, so nothing was changed. What is there can still be read. "
    "Try again when an operator has made room."
)


def database_failure(error: OperationalError) -> Unavailable:
    """The refusal to answer with: `database_full` where PostgreSQL found its disk full (53100), else `unavailable`."""
    if isinstance(error.__cause__, DiskFull):
        return Unavailable(FULL, code="database_full")
    return Unavailable(AWAY)

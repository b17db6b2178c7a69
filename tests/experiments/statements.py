"""Counts the statements that really go to PostgreSQL, whoever sends them.

Django's CaptureQueriesContext sees the ORM only; libpq's own trace sees every message, also those of the
prepared statements in `portal.kernel.sql`.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Savepoints stand in for the BEGIN and COMMIT of production, as tests run inside a transaction. A statement
# that psycopg prepares first is still counted once, when it runs.
_STATEMENT = re.compile(
    r'^F\t\d+\t(?:Execute\t|Query\t "(?!SAVEPOINT|RELEASE|ROLLBACK|DEALLOCATE))', re.MULTILINE
)

_TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\t", re.MULTILINE)


@contextmanager
def statements() -> Iterator[list[int]]:
    """Afterwards, the list holds the number of statements that were sent inside."""
    found: list[int] = []
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    with tempfile.TemporaryFile() as file:
        pgconn.trace(file.fileno())
        try:
            yield found
        finally:
            pgconn.untrace()
        file.seek(0)
        text = file.read().decode(errors="replace")
        found.append(len(_STATEMENT.findall(_TIME.sub("", text))))

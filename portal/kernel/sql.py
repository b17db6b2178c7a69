"""Prepared statements on Django's own connection, for the paths where the ORM costs more than the query.

Parameters are bound by the server, so PostgreSQL plans a repeated statement once per connection. Calls take
part in the transaction that is open, and run in autocommit mode where none is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import psycopg
from django.db import connection

Params: TypeAlias = Sequence[Any] | Mapping[str, Any]


def cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """A server-side-binding cursor of the current connection."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def server_cursor(name: str) -> psycopg.ServerCursor[tuple[Any, ...]]:
    """A cursor whose rows wait in the server; it lives inside the transaction that is open."""
    connection.ensure_connection()
    return psycopg.ServerCursor(connection.connection, name)


def rows(sql: str, params: Params = (), *, binary: bool = False) -> list[tuple[Any, ...]]:
    """All rows of a statement; `binary` fetches bytes and arrays without a detour over text."""
    with connection.wrap_database_errors, cursor() as found:
        return found.execute(sql, params, prepare=True, binary=binary).fetchall()


def row(sql: str, params: Params = (), *, binary: bool = False) -> tuple[Any, ...] | None:
    """The first row of a statement, or None."""
    with connection.wrap_database_errors, cursor() as found:
        return found.execute(sql, params, prepare=True, binary=binary).fetchone()


def execute(sql: str, params: Params = ()) -> int:
    """Run a statement; the number of rows that it touched."""
    with connection.wrap_database_errors, cursor() as found:
        return found.execute(sql, params, prepare=True).rowcount

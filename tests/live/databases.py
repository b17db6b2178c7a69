"""Databases of their own for the live servers, beside the one that the test run uses."""

from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def beside(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def name_of(url: str) -> str:
    """The name of the database at an address."""
    return urlsplit(url).path.lstrip("/")


def database_make(url: str) -> None:
    """An empty database at that address, whatever was there before."""
    name = name_of(url)
    database_drop(url)
    with psycopg.connect(beside(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def database_drop(url: str) -> None:
    name = name_of(url)
    with psycopg.connect(beside(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def row_counts(url: str, *, without: frozenset[str] = frozenset()) -> dict[str, int]:
    """How many rows each table holds: equal before and after means that nothing was written."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"
        ).fetchall()
        kept = [name for (name,) in names if name not in without]
        count = sql.SQL("SELECT {}, count(*) FROM {}")
        query = sql.SQL(" UNION ALL ").join(
            count.format(sql.Literal(name), sql.Identifier(name)) for name in kept
        )
        return dict(connection.execute(query).fetchall())

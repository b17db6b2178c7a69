"""The tables as the migrations make them: made once for a test run, copied for each database that needs them.

Migrating takes ten seconds of a processor, copying half of one. What an earlier run migrated comes back from a dump,
whose name is a digest of all that migrations depend on: our own, the settings, and the locked packages. Any change of
these migrates anew, and Django still asks each copy whether a migration is missing.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from portal.embedded.postgres import binaries
from tests.live.databases import beside, name_of

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".pytest_cache" / "migrated"
NAME = "portal_template"
_LOCK = 7_204_331


def template_ready(url: str) -> str:
    """The name of the template on the server of `url`; whoever comes first makes it, the others wait."""
    with psycopg.connect(beside(url, "postgres"), autocommit=True) as link:
        link.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            _make(link, url)
    return NAME


def copy_make(url: str) -> None:
    """A database with all tables and nothing in them, at that address."""
    template = sql.Identifier(template_ready(url))
    with psycopg.connect(beside(url, "postgres"), autocommit=True) as link:
        name = sql.Identifier(name_of(url))
        link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))


def _make(link: psycopg.Connection, url: str) -> None:
    """Under another name until it is whole: what dies half-way leaves no template."""
    half, name = sql.Identifier(f"{NAME}_half"), sql.Identifier(NAME)
    link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(half))
    link.execute(sql.SQL("CREATE DATABASE {}").format(half))
    _fill(beside(url, f"{NAME}_half"))
    link.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, name))


def _fill(url: str) -> None:
    kept = KEPT / f"{_digest()}.sql"
    if kept.exists():
        _run([_tool("psql"), "-qX1", "-v", "ON_ERROR_STOP=1", "-f", str(kept), "-o", os.devnull, url])
        return
    _run([sys.executable, "manage.py", "migrate", "-v", "0"], DATABASE_URL=url)
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.sql"):
        old.unlink(missing_ok=True)
    fresh = KEPT / f"{os.getpid()}.part"
    with suppress(RuntimeError, OSError):  # the next run migrates again then
        _run([_tool("pg_dump"), "-f", str(fresh), url])
        fresh.rename(kept)


def _digest() -> str:
    found = hashlib.sha256(sys.version.encode())
    ours = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py")]
    ours.append(ROOT / "portal" / "kernel" / "migrations.py")
    settings = (ROOT / "portal" / "settings").glob("*.py")
    for file in sorted([*ours, *settings, *(ROOT / "requirements").glob("*.txt")]):
        found.update(f"{file.relative_to(ROOT)}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:32]


def _tool(name: str) -> str:
    return str(binaries() / name)


def _run(command: list[str], **env: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test", **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")

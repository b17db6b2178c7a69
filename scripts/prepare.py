"""Brings the database of `make run` up to date and makes the people in it, through the commands anybody can use.

Writes what the start prints (names, passwords, a token) as JSON to the file named on the command line, readable
by its owner only. Repeating it changes nothing that is there; a token that no longer works is replaced. A second
file holds the address for the superuser of the database: the audit log is then owned by a role that cannot log in.
"""

import io
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.management import call_command

from portal.embedded.secret_files import secret_write
from portal.kernel.memory import collector_prepare

WORKSPACE = "credit"
SCRIPT_USER = "ann"
PEOPLE = {
    "ann": ("maintainer", "maintains the workspace credit"),
    "bob": ("viewer", "views it"),
    "dia": ("approver", "approves in it"),
}
SET_BEFORE = "(the password set earlier)"


def command(name: str, *arguments: str) -> dict[str, Any]:
    """What a management command says with --json."""
    output = io.StringIO()
    call_command(name, *arguments, "--json", stdout=output)
    facts: dict[str, Any] = json.loads(output.getvalue())
    return facts


def person(username: str, folder: Path) -> dict[str, str]:
    """Make a person with a role; the facts for the terminal."""
    role, about = PEOPLE[username]
    path = folder / f"password-{username}"
    is_new = not path.exists()
    if is_new:
        secret_write(path, secrets.token_urlsafe(16))
    made = command(
        "user_create", username, "--email", f"{username}@example.com", "--password-file", str(path)
    )
    if is_new and not made["created"]:
        path.unlink()
    command("member_add", WORKSPACE, username, role)
    password = path.read_text().strip() if path.exists() else SET_BEFORE
    return {"username": username, "password": password, "about": about}


def token(path: Path) -> str:
    """The token of the last start where it still works, otherwise a new one."""
    from portal.accounts.tokens import token_authenticate  # noqa: PLC0415 - needs django.setup()
    from portal.kernel.errors import Unauthenticated  # noqa: PLC0415

    if path.exists():
        known = str(json.loads(path.read_text())["token"])
        try:
            token_authenticate(known, address="127.0.0.1", request_id="prepare")
        except Unauthenticated:
            pass
        else:
            return known
    issued = command(
        "token_issue", SCRIPT_USER, "--workspace", WORKSPACE, "--name", "make run", "--ttl", "365d"
    )
    return str(issued["token"])


def migrate(admin_url: str | None) -> None:
    """Bring the tables up to date. Those of the audit log are the portal's own only while this runs."""
    from portal.audit.roles import Login, log_release, roles_apply  # noqa: PLC0415 - needs django.setup()

    if admin_url is None:
        call_command("migrate", verbosity=0)
        return
    role = str(settings.DATABASES["default"]["USER"])
    with psycopg.connect(admin_url, autocommit=True) as link:
        log_release(link, role)
        call_command("migrate", verbosity=0)
        roles_apply(link, application=Login(role))


def main() -> None:
    path = Path(sys.argv[1])
    django.setup()
    collector_prepare()  # the first migration makes millions of objects, and most of them stay
    migrate(Path(sys.argv[2]).read_text().strip() if len(sys.argv) > 2 else None)
    command("workspace_create", WORKSPACE, "--description", "Made by make run")
    people = [person(username, path.parent) for username in PEOPLE]
    secret_write(path, json.dumps({"people": people, "token": token(path)}))
    command("seed_demo", "--workspace", WORKSPACE, "--scientist", SCRIPT_USER)


if __name__ == "__main__":
    main()

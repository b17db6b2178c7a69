"""`manage.py user_create NAME --email ADDRESS`: make a user unless they are there.

A password is read from stdin or from a file, never from an argument that a process list would show.
"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.accounts.actor import Actor
from portal.accounts.management.base import OperationCommand
from portal.accounts.models import User
from portal.accounts.services.users import user_create


class Command(OperationCommand):
    help = (
        "Make a user or a service account. One of that name that exists is left as it is, password included."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        parser.add_argument("--name", default="", help="the name that people read")
        secret = parser.add_mutually_exclusive_group()
        secret.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        secret.add_argument(
            "--password-file", type=Path, help="read the password from the first line of a file"
        )
        parser.add_argument("--service-account", action="store_true", help="no sign-in, tokens only")
        parser.add_argument("--operator", action="store_true", help="runs the portal itself")
        parser.add_argument("--auditor", action="store_true", help="reads everything, writes nothing")

    def act(self, *, username: str, **options: Any) -> dict[str, Any]:
        found = User.objects.filter(username=username).first()
        user = found or _create(username, options)
        outcome = "exists already" if found else "was made"
        return {
            "message": f"User {user} {outcome}.",
            "id": user.pk, "username": user.username, "email": user.email, "created": found is None,
        }  # fmt: skip


def _create(username: str, options: dict[str, Any]) -> User:
    return user_create(
        actor=Actor.system("commands.user_create", actions=["accounts.user.create"]),
        username=username,
        email=options["email"],
        name=options["name"],
        password=_password(from_stdin=options["password_stdin"], path=options["password_file"]),
        is_service_account=options["service_account"],
        is_operator=options["operator"],
        is_auditor=options["auditor"],
    )


def _password(*, from_stdin: bool, path: Path | None) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The password file {path} cannot be read: {error}") from error

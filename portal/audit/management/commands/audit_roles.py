"""`manage.py audit_roles`: after migrations, give the audit log to a role that cannot log in."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from portal.audit.roles import Login, roles_apply


class Command(BaseCommand):
    help = (
        "Set owners and rights of the audit log. Run it as the role that runs migrations, after them: the portal's own "
        "role is the one in the address of its database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--application-url-file", required=True, help="holds DATABASE_URL of web and worker"
        )
        parser.add_argument(
            "--sequencer-url-file", help="holds DATABASE_URL of the sequencer, where that differs"
        )

    def handle(
        self, *args: Any, application_url_file: str, sequencer_url_file: str | None, **options: Any
    ) -> None:
        connection.ensure_connection()
        sequencer = _login(sequencer_url_file) if sequencer_url_file else None
        try:
            warnings = roles_apply(
                connection.connection, application=_login(application_url_file), sequencer=sequencer
            )
        except psycopg.Error as error:
            raise CommandError(f"PostgreSQL refuses: {error}") from error
        for warning in warnings:
            self.stderr.write(warning)


def _login(path: str) -> Login:
    """The role in an address. Raises CommandError."""
    try:
        parts = urlsplit(Path(path).read_text().strip())
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} holds no address of a database: {error}") from error
    if not parts.username:
        raise CommandError(f"The address in {path} names no role.")
    return Login(unquote(parts.username), unquote(parts.password or ""))

"""What the commands of this app share: operations as their only way to write, one clear line on failure, --json."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.models import User, Workspace
from portal.kernel.errors import DomainError


class OperationCommand(BaseCommand):
    """A command that a script can use: `act` returns facts, printed as one sentence or as one JSON object.

    Facts hold `message` for the sentence; everything else is for `--json`. A refusal goes to stderr as one
    line and the exit code is 1.
    """

    # The checks walk every route of the site, which takes longer than these commands do.
    requires_system_checks: tuple[str, ...] = ()
    # Does it, once or again; each command takes its own arguments by keyword and returns facts.
    act: Callable[..., dict[str, Any]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        self.add_own_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            facts = self.act(**options)
        except DomainError as no:
            raise CommandError(no.detail.replace("\n", " ")) from no
        message = facts.pop("message")
        self.stdout.write(json.dumps(facts, sort_keys=True) if options["json"] else message)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """The arguments of this command."""


def user_named(username: str) -> User:
    """The user of a name, or one clear line."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise CommandError(f"There is no user {username}. Make one with user_create.")
    return found


def workspace_named(name: str) -> Workspace:
    """The workspace of a name, or one clear line."""
    found = Workspace.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no workspace {name}. Make one with workspace_create.")
    return found


def days(text: str) -> int:
    """`90d` or `90` as a number of days."""
    number = text.removesuffix("d")
    if not (number.isascii() and number.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} is not a number of days such as 90d")
    return int(number)

"""Fills an empty portal database as its commands do: tables, two workspaces, five people, their tokens.

Run as a program with the portal's environment; prints the tokens as JSON.
"""

import io
import json
import sys

import django
from django.core.management import call_command
from django.db import connection

PEOPLE = {
    "ann": ("credit", "maintainer"),
    "bob": ("credit", "viewer"),
    "cleo": ("other", "maintainer"),
    "dia": ("credit", "approver"),
    "eve": ("credit", "contributor"),
}
# Experiments of the stock server start at 7,000,001: a mix-up of the two cannot go unseen.
FIRST_EXPERIMENT = 8_000_001


def command(name: str, *arguments: str) -> dict[str, str]:
    """What a management command says with --json."""
    output = io.StringIO()
    call_command(name, *arguments, "--json", stdout=output)
    found: dict[str, str] = json.loads(output.getvalue())
    return found


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    for workspace in ("credit", "other"):
        command("workspace_create", workspace)
    tokens = {}
    for person, (workspace, role) in PEOPLE.items():
        command("user_create", person, "--email", f"{person}@example.com")
        command("member_add", workspace, person, role)
        tokens[person] = command("token_issue", person)["token"]
    tokens["ann-reads"] = command("token_issue", "ann", "--scope", "read")["token"]
    command("user_create", "max", "--email", "max@example.com")
    for workspace in ("credit", "other"):
        command("member_add", workspace, "max", "contributor")
    tokens["max"] = command("token_issue", "max")["token"]
    tokens["max-credit"] = command("token_issue", "max", "--workspace", "credit")["token"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('experiments_experiment_id_seq', %s, false)", [FIRST_EXPERIMENT])
    json.dump(tokens, sys.stdout)


if __name__ == "__main__":
    main()

"""Runs management commands one after the other in one process, as each start takes more than what most of them do.

Run as a program with the portal's environment and a JSON list of commands, each a list of words; prints a JSON list of
what each said.
"""

import io
import json
import sys

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    said = []
    for name, *words in json.loads(sys.argv[1]):
        output = io.StringIO()
        call_command(name, *words, stdout=output)
        said.append(output.getvalue())
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()

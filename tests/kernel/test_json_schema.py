"""The library of JSON schemas comes without the grammar that takes longest to load, until a document needs it."""

import subprocess
import sys

PROGRAM = """
import sys
from portal.kernel.json_schema import JsonSchema, library
assert "jsonschema" not in sys.modules
assert JsonSchema({"type": "object"}).worst(3).validator == "type"
assert "lark" not in sys.modules
draft = library().Draft202012Validator
addresses = draft({"format": "iri-reference"}, format_checker=draft.FORMAT_CHECKER)
assert addresses.is_valid(7)
assert "lark" not in sys.modules
assert addresses.is_valid("https://example.org/é")
assert not addresses.is_valid("no address")
assert "lark" in sys.modules
"""


def test_addresses_are_checked_by_a_grammar_that_is_loaded_with_the_first() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=120)

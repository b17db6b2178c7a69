"""The library of JSON schemas comes without the formats that take longest to load, which stay there for others."""

import subprocess
import sys

PROGRAM = """
import sys
from portal.kernel.json_schema import JsonSchema
assert "jsonschema" not in sys.modules
assert JsonSchema({"type": "object"}).worst(3).validator == "type"
assert "lark" not in sys.modules
import rfc3987_syntax
assert rfc3987_syntax.is_valid_syntax("iri", "https://example.org/")
"""


def test_what_takes_longest_is_left_out_and_stays_importable() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=120)

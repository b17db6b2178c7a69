"""Where the parameters of a training go: into words of its command, into variables, or into a file for all of them."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

PLACE = "parameters"
_FILE = re.compile(rf"\$\{{\{{\s*{PLACE}\s*\}}\}}")
_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


def wants_file(texts: Iterable[str]) -> bool:
    """Whether one of these texts names the file that holds all parameters."""
    return any(_FILE.search(text) for text in texts)


def unused(names: Iterable[str], texts: Collection[str]) -> list[str]:
    """Those of the names that none of these texts uses, as `{name}` or with all others as `${{parameters}}`."""
    if wants_file(texts):
        return []
    used = {found[1] for text in texts for found in _NAME.finditer(text)}
    return [name for name in names if name not in used]


def unused_by(spec: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of the names that surely reach no code of this specification.

    A notebook gets all of them. What an entry point does with them is said in the code, which nobody has read yet.
    """
    if "command" not in spec:
        return []
    return unused(names, [spec["command"], *variables_of(spec).values()])


def variables_of(spec: Mapping[str, Any]) -> Mapping[str, str]:
    """The variables that the specification gives to the command."""
    found: Mapping[str, str] = spec["environment"].get("variables", {})
    return found

"""What the code of a training says about its result: a JSON object in the file that PORTAL_VALUES names.

Steps of pipelines read it, in conditions, lists to fan out over, and parameters.
"""

import json
from pathlib import Path
from typing import Any

from jobs.errors import Permanent
from training.work.project import OURS

VALUES_BYTES = 64 * 1024
DEEPEST = 6
FILE = "values.json"


def values_file(folder: Path) -> Path:
    """Where the code writes them, below the folder of an attempt."""
    return folder / "outputs" / OURS / FILE


def values_read(folder: Path) -> dict[str, Any]:
    """The values; none where the code wrote no file. Raises Permanent for what is no JSON object of bounded size."""
    path = values_file(folder)
    if path.is_symlink() or not path.is_file():
        return {}
    with path.open("rb") as file:
        text = file.read(VALUES_BYTES + 1)
    if len(text) > VALUES_BYTES:
        raise Permanent(f"The values of a training have at most {VALUES_BYTES // 1024} KiB.")
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Permanent(f"The file of PORTAL_VALUES is no JSON: {error}.") from error
    if not isinstance(found, dict) or _is_deep(found) or b"\\u0000" in text:
        raise Permanent(f"The file of PORTAL_VALUES holds a JSON object of at most {DEEPEST} levels.")
    return found


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _is_deep(value: Any, depth: int = 0) -> bool:
    if depth > DEEPEST:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_is_deep(each, depth + 1) for each in inner)

"""What the server is told to do.

`model`     folder with the files of the model
`manifest`  `[{path, size, sha256}]`: exactly the files in the folder
`digest`    SHA-256 over the canonical JSON of the manifest, ordered by path
`key`       what callers must show in the header X-Serving-Key
`name`, `version`   what Open Inference Protocol calls this server, and the version of its model
`host`, `port`      where to listen; port 0 lets the system choose
`ready_file`        gets the line that standard output gets, too
`limits`    `body_bytes`, `waiting` (requests that wait or run), `seconds` (for one prediction), `threads`
            (predictions at once), `batch_rows` (rows of requests that wait and may be scored by one call; 1 for none)
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

BAD_ORDER = 2


class Refused(Exception):
    """Nothing is served; `code` is what the process ends with."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class Limits:
    body_bytes: int = 10 * 1024 * 1024
    waiting: int = 128
    seconds: float = 60.0
    threads: int = 1
    batch_rows: int = 1


@dataclass(frozen=True)
class Order:
    model: Path
    manifest: list
    digest: str
    key: str
    name: str = "model"
    version: str = "1"
    host: str = "127.0.0.1"
    port: int = 0
    ready_file: str | None = None
    limits: Limits = field(default_factory=Limits)


def order_read(arguments: list) -> Order:
    """The order of a file or of standard input. Raises Refused."""
    try:
        text = Path(arguments[0]).read_text(encoding="utf-8") if arguments else sys.stdin.read()
        said = json.loads(text)
        said["model"], said["limits"] = Path(said["model"]), Limits(**said.get("limits", {}))
        order = Order(**said)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Refused(BAD_ORDER, f"The order cannot be read: {type(error).__name__}: {error}") from None
    if len(order.key) < 16:
        raise Refused(BAD_ORDER, "The order has no key of 16 characters or more.")
    return order

"""What comes back from a process that was asked, whichever client asked it."""

from dataclasses import dataclass

CONNECT_SECONDS = 2.0
ANSWER_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came: `headers` by lower-case name, the last of each."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Unreachable(Exception):
    """No process takes connections at the address."""


class Broken(Exception):
    """The connection ended, or what came was no HTTP, before the answer was whole."""


class AnswerTooLarge(Exception):
    """The answer has more than `ANSWER_BYTES`."""

"""Hides secret values in a stream of bytes, also those that arrive in pieces. Standard library only."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = b"[secret]"


class Masker:
    """Feed it what was read; it gives back what may be written, and keeps what could be the start of a secret."""

    def __init__(self, values: Iterable[str]) -> None:
        hidden = {form for value in values if value for form in _forms(value)}
        self._hidden = sorted(hidden, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self._hidden))) if hidden else None
        self._kept = b""

    def feed(self, data: bytes) -> bytes:
        """What may be written by now."""
        if self._pattern is None:
            return data
        # A longer secret may begin with a shorter one: what is kept is decided before anything is replaced.
        text = self._kept + data
        cut = len(text) - self._open_length(text)
        done, end = [], 0
        for found in self._pattern.finditer(text):
            if found.start() >= cut:
                break
            done += [text[end : found.start()], MASK]
            end = found.end()
        cut = max(cut, end)
        self._kept = text[cut:]
        return b"".join([*done, text[end:cut]])

    def finish(self) -> bytes:
        """The rest, when nothing more will come."""
        rest, self._kept = self._kept, b""
        return self._pattern.sub(MASK, rest) if self._pattern else rest

    def _open_length(self, text: bytes) -> int:
        """How much of the end could still become a secret."""
        return max((_overlap(text, secret) for secret in self._hidden), default=0)


def _overlap(text: bytes, secret: bytes) -> int:
    """The length of the longest end of the text that begins the secret without completing it."""
    start = max(len(text) - len(secret) + 1, 0)
    while (start := text.find(secret[:1], start)) >= 0:
        if secret.startswith(text[start:]):
            return len(text) - start
        start += 1
    return 0


def _forms(value: str) -> set[bytes]:
    """How a value shows up in output: as it is, in a URL, and in base64."""
    plain = value.encode("utf-8", "surrogateescape")
    return {plain, quote(plain, safe="").encode(), base64.b64encode(plain)}

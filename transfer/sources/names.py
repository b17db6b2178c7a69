"""Names of metrics and params as MLflow takes them, from trackers that take any text."""

import posixpath
import re

_REFUSED = re.compile(r"[^/\w.\- :]")
_LONGEST = 250


class Names:
    """The same name for the same text, and never one name for two texts."""

    def __init__(self) -> None:
        self._by_text: dict[str, str] = {}
        self._used: set[str] = set()

    def of(self, text: str) -> str:
        """The text, with `_` for each character that MLflow refuses; a number behind it where that is taken."""
        if text not in self._by_text:
            plain = posixpath.normpath(_REFUSED.sub("_", text) or "_").lstrip("/")[:_LONGEST]
            plain = plain if plain.strip(".") else "_"
            name, number = plain, 1
            while name in self._used:
                number += 1
                name = f"{plain[: _LONGEST - 5]}_{number}"
            self._used.add(name)
            self._by_text[text] = name
        return self._by_text[text]


def file_name(text: str) -> str:
    """A text as the path of a file: names of letters, digits, dots, dashes and spaces, joined by slashes."""
    parts = [re.sub(r"[^\w.\- ]", "_", part).strip(". ") or "_" for part in text.split("/") if part]
    return "/".join(part[:100] for part in parts) or "_"

"""Two servers never give the same ids, times and places: these become symbols before answers are compared."""

import re
import time
from collections.abc import Mapping
from typing import Any

DAY_MS = 24 * 3600 * 1000
# Experiments are numbered from 7,000,001 on one side and from 8,000,001 on the other.
_IDS = re.compile(r"\b(?:m-)?[0-9a-f]{32}\b|\b[78]00\d{4}\b")
_PLACE = re.compile(r"(mlflow-artifacts|file|s3|gs|az):/+[^\s'\"]*?(?=<\w+>)")
# A Python set in a message comes in another order from every process.
_SET = re.compile(r"[\[{]('[^{}']*'(?:, '[^{}']*')*)[\]}]")
_RANDOM_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")
_UNORDERED = {"tags", "params", "dataset_inputs", "model_inputs", "model_outputs"}
_TOKENS = {"next_page_token"}
_OWN = {"workspace": "<workspace>"}


class Symbols:
    """The symbols of one answer: `<run>` for an id that a step has saved as `run`, `<1>`, `<2>` for new ones."""

    def __init__(self, saved: Mapping[str, Any]) -> None:
        self._known = {value: f"<{name}>" for name, value in saved.items() if isinstance(value, str)}
        self._new = 0

    def of(self, value: Any, key: str = "", inside: str = "") -> Any:
        """The value with everything replaced that cannot be equal on both sides."""
        if isinstance(value, dict):
            return {name: self.of(value[name], name, key) for name in sorted(value)}
        if isinstance(value, list):
            # Sorted before ids turn into symbols, so that a symbol does not depend on the server's order.
            items = sorted(value, key=_order) if _is_unordered(key, inside) else value
            return [self.of(item, key, inside) for item in items]
        if isinstance(value, str):
            return self._text(value, key)
        if _is_recent(value):
            return "<now>"
        return value

    def _text(self, value: str, key: str) -> str:
        if key in _TOKENS and value:
            return "<token>"
        if key in _OWN:
            return _OWN[key]
        if _RANDOM_NAME.fullmatch(value):
            return "<random name>"
        text = _IDS.sub(lambda match: self._symbol(match[0]), value)
        text = _SET.sub(_sorted_set, text)
        return _PLACE.sub(r"\1:/", text)

    def _symbol(self, found: str) -> str:
        if found not in self._known:
            self._new += 1
            self._known[found] = f"<{self._new}>"
        return self._known[found]


def _sorted_set(match: re.Match[str]) -> str:
    return "{" + ", ".join(sorted(match[1].split(", "))) + "}"


def _is_unordered(key: str, inside: str) -> bool:
    return key in _UNORDERED or (key == "metrics" and inside == "data")


def _order(item: Any) -> str:
    """Order by content that is the same on both sides."""
    if not isinstance(item, dict):
        return str(item)
    named = item.get("dataset", item)
    return str([named.get(name) for name in ("key", "name", "digest", "step", "value")])


def _is_recent(value: Any) -> bool:
    """Whether a number is a time in milliseconds that a server has just taken from its clock."""
    return type(value) is int and abs(value - time.time() * 1000) < DAY_MS

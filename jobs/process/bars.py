"""Progress bars that programs print: how `tqdm` writes them, and Keras, which does it nearly the same way."""

import re
from dataclasses import dataclass

NAME_LENGTH = 80
DEFAULT_NAME = "progress"
_SCALES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_NUMBER = r"(\d+(?:\.\d+)?)([kKMGT]?)"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# `Epoch 1:  45%|####5     | 45/100 [00:04<00:05, 10.00it/s, loss=0.3]`
_KNOWN = re.compile(
    rf"^(?:(?P<name>.*?):\s*)?\s*\d+%\|[^|]*\|\s*{_NUMBER}/{_NUMBER}\s*\[[^\]]*?(?:,\s*(?P<rate>[^,\]]+))?(?:,[^\]]*)?\]"
)
# `Epoch 1: 45it [00:04, 10.00it/s]`
_OPEN = re.compile(rf"^(?:(?P<name>.*?):\s*)?{_NUMBER}(?P<unit>[A-Za-z]+) \[\d+:\d\d(?::\d\d)?, [^\]]*\]")
# `45/100 ━━━━━━━━━━━━━━━━━━━━ 1s 2ms/step`
_KERAS = re.compile(rf"^\s*{_NUMBER}/{_NUMBER} [━=>.\[\]]{{8,}}")
_UNIT = re.compile(r"([A-Za-z]+)/s|s/([A-Za-z]+)")


@dataclass(frozen=True)
class Bar:
    """What a bar says."""

    name: str
    done: float
    total: float | None
    unit: str


def bars_in(text: str) -> dict[str, Bar]:
    """The last state of each bar in some output, by name."""
    found = {}
    for line in re.split(r"[\r\n]", text):
        bar = bar_in(line)
        if bar is not None:
            found[bar.name] = bar
    return found


def bar_in(line: str) -> Bar | None:
    """The bar in a line, or None."""
    if "/" not in line and "[" not in line:
        return None
    line = _ANSI.sub("", line[:1000]).strip()
    if match := _KNOWN.match(line):
        name, done, done_scale, total, total_scale, rate = match.groups()
        unit = _UNIT.search(rate or "")
        return _bar(name, _number(done, done_scale), _number(total, total_scale), _word(unit))
    if match := _OPEN.match(line):
        return _bar(match["name"], _number(match[2], match[3]), None, match["unit"])
    if match := _KERAS.match(line):
        return _bar(None, _number(match[1], match[2]), _number(match[3], match[4]), "step")
    return None


def _bar(name: str | None, done: float, total: float | None, unit: str) -> Bar:
    return Bar((name or DEFAULT_NAME).strip()[-NAME_LENGTH:] or DEFAULT_NAME, done, total or None, unit[:20])


def _number(digits: str, scale: str) -> float:
    return float(digits) * _SCALES[scale]


def _word(match: re.Match[str] | None) -> str:
    return (match[1] or match[2]) if match else ""

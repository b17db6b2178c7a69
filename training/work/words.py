"""Puts values into command lines. No value is ever read by a shell, whatever it holds."""

import re
import shlex
from collections.abc import Mapping

from portal.kernel.errors import InvalidInput
from training.spec.parameters import PLACE as PARAMETERS

_PLACE = re.compile(rf"\$\{{\{{\s*((?:inputs|outputs)\.[A-Za-z_]\w*|{PARAMETERS})\s*\}}\}}")
_MARK = re.compile(rf"{_PLACE.pattern}|\{{([A-Za-z_][A-Za-z0-9_.-]*)\}}|(\{{\{{)|(\}}\}})")
_SHELL = re.compile(r"[|&;<>()$`\\*?\[\]#~!\n]|^\s*\w+=")


def said(value: object) -> str:
    """A value as a command line holds it, and as the run logs it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def places_put(text: str, places: Mapping[str, str]) -> str:
    """A value with the folders of inputs and outputs put in."""
    return _PLACE.sub(lambda found: _place(found[1], places), text)


def text_put(text: str, values: Mapping[str, str], places: Mapping[str, str]) -> str:
    """A text with values and places put in. `{name}` of what is no parameter stays as it is. Raises InvalidInput."""
    return _MARK.sub(lambda found: _value(found, values, places, keep=True), text)


def words_plain(line: str, values: Mapping[str, str], places: Mapping[str, str]) -> list[str]:
    """The words of a command line. `{name}` of what is no parameter stays as it is. Raises InvalidInput."""
    put = lambda found: _value(found, values, places, keep=True)  # noqa: E731
    return [_MARK.sub(put, word) for word in _split(_PLACE.sub(r"${{\1}}", line))]


def words_template(line: str, values: Mapping[str, str], places: Mapping[str, str]) -> list[str]:
    """The words of a project's command, in which `{{` stands for a brace.

    A line that needs a shell gets one; then values are its arguments, and what it reads is only their numbers.
    """
    line = _PLACE.sub(r"${{\1}}", line)
    if _SHELL.search(_MARK.sub("", line)):
        return _shell(line, values, places)
    put = lambda found: _value(found, values, places, keep=False)  # noqa: E731
    return [_MARK.sub(put, word) for word in _split(line)]


def _shell(line: str, values: Mapping[str, str], places: Mapping[str, str]) -> list[str]:
    script, given, end, quote = [], [], 0, ""
    for found in _MARK.finditer(line):
        before = line[end : found.start()]
        quote, end = _quote_after(quote, before), found.end()
        value = _value(found, values, places, keep=False)
        if found[3] or found[4]:
            script += [before, value]
            continue
        given.append(value)
        mark = f"${{{len(given)}}}"
        script += [before, {"": f'"{mark}"', '"': mark, "'": f"'\"{mark}\"'"}[quote]]
    return ["bash", "-c", "".join([*script, line[end:]]), "entry-point", *given]


def _quote_after(quote: str, text: str) -> str:
    """Within which quotes a shell is after some text."""
    is_escaped = False
    for letter in text:
        if is_escaped:
            is_escaped = False
        elif letter == "\\" and quote != "'":
            is_escaped = True
        elif letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
    return quote


def _value(found: re.Match[str], values: Mapping[str, str], places: Mapping[str, str], *, keep: bool) -> str:
    place, name, opened, closed = found.groups()
    if place:
        return _place(place, places)
    if opened or closed:
        return found[0] if keep else found[0][0]
    if name in values:
        return places_put(values[name], places)
    if keep:
        return found[0]
    raise InvalidInput(
        f"The command of the entry point uses {{{name}}}, which is none of its parameters.",
        code="bad_project",
    )


def _place(name: str, places: Mapping[str, str]) -> str:
    if name not in places:
        raise InvalidInput(f"${{{{{name}}}}} is used, and the job has no {name}.", code="no_such_place")
    return places[name]


def _split(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise InvalidInput(f"The command cannot be read: {error}.", code="bad_command") from error
    if not words:
        raise InvalidInput("The command is empty.", code="bad_command")
    return words

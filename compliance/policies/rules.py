"""Rules in CEL, bounded: what one may say is checked when it is published, what one may cost before each run.

The evaluator copies values, so a loop over a large list can take minutes. Loops therefore do not nest, `map` and
`filter` (which build lists) are left out, and the work of an evaluation is estimated from the size of the facts.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from portal.kernel.errors import InvalidInput

LONGEST_RULE = 1000
DEEPEST_BRACKETS = 20
MOST_LOOPS = 3
# A unit is one value copied, about 25 ns: a second at most.
MOST_WORK = 40_000_000
PASS, FAIL, ERROR = "pass", "fail", "error"

_LOOPS = frozenset({"all", "exists", "exists_one"})
_FUNCTIONS = frozenset({
    "@not_strictly_false", "@in", "_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_",
    "_*_", "_/_", "_%_", "-_", "_?_:_", "_[_]", "size", "contains", "startsWith", "endsWith", "matches", "double",
    "int", "uint", "duration", "timestamp",
})  # fmt: skip
_STRING = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.DOTALL)
_PREFIXED = re.compile(r"""\b[rRbB]{1,2}["']|"{3}|'{3}""")
_LOOP = re.compile(r"\.\s*(\w+)\s*\(\s*(\w+)\s*,")
_PLACE = re.compile(r"<input>:(\d+):(\d+): ([^\n]{1,200})")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Rule:
    """A compiled rule with what is needed to bound its work."""

    text: str
    program: Any
    names: int
    loops: int


@dataclass(frozen=True)
class Outcome:
    """How a rule came out; `message` says why it could not be told, and is empty else."""

    outcome: str
    message: str = ""


def rule_compile(text: str) -> Rule:
    """Compile a rule. Raises InvalidInput, with the place, for one that is malformed or asks too much."""
    if not text.strip() or len(text) > LONGEST_RULE:
        raise InvalidInput(
            f"A rule has 1 to {LONGEST_RULE} characters; this one has {len(text)}.", code="bad_rule"
        )
    if "\x00" in text or (not text.isascii() and not text.isprintable()):
        raise InvalidInput("A rule holds no control characters.", code="bad_rule")
    return _compiled(text)


@lru_cache(maxsize=2048)
def _compiled(text: str) -> Rule:
    bare = _STRING.sub(" s ", text)
    _unusual_check(text, bare)
    _brackets_check(bare)
    try:
        # It brings a terminal program with it: a tenth of the start of each process, and few of them have rules.
        program = import_module("cel").compile(text)
    except ValueError as error:
        raise InvalidInput(_parse_message(str(error)), code="bad_rule") from error
    loops = _LOOP.findall(bare)
    _loops_check(bare, [name for name, _ in loops])
    _names_check(program, {variable for _, variable in loops})
    return Rule(text, program, len(_NAME.findall(bare)), len(loops))


def _unusual_check(text: str, bare: str) -> None:
    """What the parser would read differently from these checks."""
    if _PREFIXED.search(text) or "//" in bare or '"' in bare or "'" in bare:
        raise InvalidInput(
            "A rule has plain strings in matching quotes, without prefix, and no comments.", code="bad_rule"
        )


def _brackets_check(bare: str) -> None:
    """The parser recurses; its own limit is not ours to rely on."""
    depth = 0
    for place, character in enumerate(bare):
        depth += (character in "([{") - (character in ")]}")
        if depth > DEEPEST_BRACKETS:
            raise InvalidInput(
                f"A rule nests at most {DEEPEST_BRACKETS} brackets; see character {place + 1}.",
                code="bad_rule",
            )


def _parse_message(said: str) -> str:
    found = _PLACE.search(said)
    if found is None:
        return "The rule is no valid CEL expression."
    line, column, what = found.groups()
    return f"The rule is no valid CEL: line {line}, column {column}: {what}"


def _loops_check(bare: str, names: list[str]) -> None:
    foreign = sorted(set(re.findall(r"\.\s*(map|filter)\s*\(", bare)))
    if foreign:
        raise InvalidInput(
            f"{foreign[0]} is not offered: it builds lists. Loops are {', '.join(sorted(_LOOPS))}.",
            code="bad_rule",
        )
    if len([name for name in names if name in _LOOPS]) > MOST_LOOPS:
        raise InvalidInput(f"A rule has at most {MOST_LOOPS} loops.", code="bad_rule")
    if _is_nested(bare):
        raise InvalidInput("A loop cannot stand inside another loop.", code="bad_rule")


def _is_nested(bare: str) -> bool:
    """Whether a loop begins before the brackets of another one are closed."""
    opened: list[bool] = []
    for found in re.finditer(r"(\.\s*(?:all|exists|exists_one)\s*\()|([(\[{])|([)\]}])", bare):
        loop, opening, _ = found.groups()
        if loop and any(opened):
            return True
        if loop or opening:
            opened.append(bool(loop))
        elif opened:
            opened.pop()
    return False


def _names_check(program: Any, loop_variables: set[str]) -> None:
    unknown = sorted(set(program.variables()) - {"facts"} - loop_variables)
    if unknown:
        raise InvalidInput(
            f"{unknown[0][:80]} is unknown in a rule. Rules see `facts` and nothing else.", code="bad_rule"
        )
    if "facts" in loop_variables:
        raise InvalidInput("A loop cannot name its variable `facts`.", code="bad_rule")
    foreign = sorted(set(program.functions()) - _FUNCTIONS)
    if foreign:
        raise InvalidInput(
            f"The function {foreign[0][:80]} is not offered in rules. Offered: "
            f"{', '.join(sorted(name for name in _FUNCTIONS if name.isalpha()))}.",
            code="bad_rule",
        )


@dataclass(frozen=True)
class Size:
    """How large facts are: all values in them, and the longest list or mapping."""

    values: int
    longest: int


def size_of(facts: Any) -> Size:
    """Measure facts without recursion."""
    values, longest, waiting = 0, 0, [facts]
    while waiting:
        value = waiting.pop()
        values += 1
        if isinstance(value, (dict, list)):
            longest = max(longest, len(value))
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return Size(values, longest)


def rule_run(rule: Rule, facts: Any, size: Size) -> Outcome:
    """Evaluate a rule over facts. Whatever goes wrong makes it `error`, which does not hold."""
    work = rule.names * size.values * (size.longest if rule.loops else 1)
    if work > MOST_WORK:
        return Outcome(ERROR, "The facts are too many for this rule; let it look at fewer of them.")
    try:
        result = rule.program.execute({"facts": facts})
    except KeyError as error:
        return Outcome(ERROR, f"The fact {_path(rule.text, str(error.args[0]))} is missing.")
    except IndexError:
        return Outcome(ERROR, "A list among the facts is shorter than the rule expects.")
    except TypeError:
        return Outcome(ERROR, _TYPES)
    except (ValueError, ArithmeticError, RuntimeError) as error:
        return Outcome(ERROR, f"The rule cannot be evaluated: {str(error)[:200]}")
    if not isinstance(result, bool):
        return Outcome(ERROR, f"The rule gives {type(result).__name__}, not true or false.")
    return Outcome(PASS if result else FAIL)


_TYPES = "The rule puts together facts of different types, or a fact that is unknown (null)."


def _path(text: str, key: str) -> str:
    """The missing key as the rule writes it: `facts.metrics.auc` rather than `auc`."""
    step = r"""(?:\.\w+|\[\s*(?:"[^"]*"|'[^']*'|\d+)\s*\])"""
    found = re.search(rf"""\w+{step}*?(?:\.{re.escape(key)}\b|\[\s*["']{re.escape(key)}["']\s*\])""", text)
    return found.group() if found else f"`{key[:80]}`"

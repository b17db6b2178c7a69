"""What happens next in a run: a pure function of its document and its steps, so that any order of events, a worker
that died and a second planner all come to the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from compliance.policies.evaluation import normal
from compliance.policies.rules import FAIL, PASS, rule_compile, rule_run, size_of
from training.models.pipelines import BLOCKED, CANCELLED, DONE, FAILED, REUSED, RUNNING, SKIPPED, WAITING
from training.pipelines.filling import Parts, Unknown, fill
from training.pipelines.reading import needs_of

ITEMS_AT_MOST = 200
_GOOD = (DONE, REUSED)
_OVER = (DONE, REUSED, SKIPPED, BLOCKED, FAILED, CANCELLED)


@dataclass(frozen=True)
class Facts:
    """A step, or one item of a step that fans out, as it stands. `values` are those that its training wrote."""

    name: str
    item: int
    state: str
    value: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What to do now: start these, spread those over items, end others without a start; `end` when all is over."""

    starts: tuple[Facts, ...] = ()
    spreads: Mapping[str, list[Any]] = field(default_factory=dict)
    endings: tuple[tuple[Facts, str, str], ...] = ()
    end: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.starts or self.spreads or self.endings or self.end)


def plan(document: Mapping[str, Any], parameters: Mapping[str, Any], steps: Iterable[Facts]) -> Plan:
    """Look at every step that waits. What ends here may let others end, so ask again until nothing ends or spreads."""
    by_name: dict[str, list[Facts]] = {}
    for each in steps:
        by_name.setdefault(each.name, []).append(each)
    states = {name: _whole(rows) for name, rows in by_name.items()}
    starts, spreads, endings = [], {}, []
    for name in TopologicalSorter(
        {key: needs_of(step) for key, step in document["steps"].items()}
    ).static_order():
        waiting = [each for each in by_name[name] if each.state == WAITING]
        needs = needs_of(document["steps"][name])
        if not waiting or any(states[need] not in _OVER for need in needs):
            continue
        state, reason, items = _next(document["steps"][name], needs, states, parameters, by_name, waiting)
        if state == WAITING:
            starts += waiting
        elif state == RUNNING:
            spreads[name] = items
        else:
            endings += [(each, state, reason) for each in waiting]
    is_over = all(state in _OVER for state in states.values())
    return Plan(tuple(starts), spreads, tuple(endings), _end(states) if is_over else "")


def look_up(
    parts: Parts, parameters: Mapping[str, Any], steps: Mapping[str, list[Facts]], item: Any = None
) -> Any:
    """The value of an address. Raises Unknown."""
    if parts[0] == "parameters":
        return parameters[parts[1]]
    if parts[0] == "item":
        return item
    rows = [each for each in steps[parts[1]] if each.state in _GOOD]
    found = [each.values.get(parts[3]) for each in rows]
    if not found or None in found:
        raise Unknown(f"the step {parts[1]} wrote no value {parts[3]}")
    return found[0] if rows[0].item < 0 else found


def filled(value: Any, parameters: Mapping[str, Any], steps: Iterable[Facts], item: Any = None) -> Any:
    """A part of a document with its values put in. Raises Unknown."""
    by_name: dict[str, list[Facts]] = {}
    for each in steps:
        by_name.setdefault(each.name, []).append(each)
    return fill(value, lambda parts: look_up(parts, parameters, by_name, item))


def _next(
    step: Mapping[str, Any], needs: set[str], states: Mapping[str, str], parameters: Mapping[str, Any],
    by_name: Mapping[str, list[Facts]], waiting: list[Facts],
) -> tuple[str, str, list[Any]]:  # fmt: skip
    """WAITING for what may start, RUNNING for what spreads over items, or the state in which it ends, and why."""
    held = _held(needs, states) if step.get("after", "success") == "success" else None
    if held:
        return (*held, [])
    if "when" in step and waiting[0].item < 0:
        outcome, said = _condition(step["when"], parameters, by_name, states)
        if outcome != PASS:
            return (SKIPPED, "Its condition does not hold.", []) if outcome == FAIL else (FAILED, said, [])
    if "foreach" in step and waiting[0].item < 0:
        return _items(step["foreach"], parameters, by_name)
    return WAITING, "", []


def _held(needs: set[str], states: Mapping[str, str]) -> tuple[str, str] | None:
    """Why a step that waits for success does not begin: something failed, or was left out."""
    bad = sorted(need for need in needs if states[need] in (FAILED, BLOCKED, CANCELLED))
    if bad:
        return BLOCKED, f"It needs {', '.join(bad)}, which did not succeed."
    passed = sorted(need for need in needs if states[need] == SKIPPED)
    return (SKIPPED, f"It needs {', '.join(passed)}, which was left out.") if passed else None


def _items(
    foreach: Any, parameters: Mapping[str, Any], by_name: Mapping[str, list[Facts]]
) -> tuple[str, str, list[Any]]:
    try:
        items = fill(foreach, lambda parts: look_up(parts, parameters, by_name))
    except Unknown as error:
        return FAILED, f"foreach: {error}.", []
    if not isinstance(items, list) or len(items) > ITEMS_AT_MOST:
        return FAILED, f"foreach is no list of at most {ITEMS_AT_MOST} items.", []
    return (RUNNING, "", items) if items else (DONE, "There was no item.", [])


def _condition(
    text: str, parameters: Mapping[str, Any], by_name: Mapping[str, list[Facts]], states: Mapping[str, str]
) -> tuple[str, str]:
    """PASS, FAIL, or another outcome with what is wrong."""
    told = {
        name: {"state": states[name], "values": rows[0].values if rows and rows[0].item < 0 else {}}
        for name, rows in by_name.items()
    }
    facts = normal({"parameters": dict(parameters), "steps": told})
    found = rule_run(rule_compile(text), facts, size_of(facts))
    return found.outcome, f"Its condition cannot be evaluated: {found.message}"


def _whole(rows: list[Facts]) -> str:
    """The state of a step with all its items."""
    states = {each.state for each in rows}
    for state in (RUNNING, WAITING, FAILED, CANCELLED, BLOCKED):
        if state in states:
            return state
    return SKIPPED if states == {SKIPPED} else DONE


def _end(states: Mapping[str, str]) -> str:
    found = set(states.values())
    if found & {FAILED, BLOCKED}:
        return FAILED
    return CANCELLED if CANCELLED in found else DONE

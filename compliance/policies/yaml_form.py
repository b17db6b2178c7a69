"""YAML without its traps: plain data only, no aliases, no repeated keys, bounded size and depth; lines are kept."""

from dataclasses import dataclass
from typing import Any

import yaml

from portal.kernel.errors import InvalidInput, TooLarge

LARGEST_BYTES = 64 * 1024
DEEPEST = 12
MOST_NODES = 5000
Path = tuple[str | int, ...]
_PLAIN = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_ONLY = "Only texts, numbers, lists and mappings are taken."


@dataclass(frozen=True)
class Loaded:
    """The data of a document and the line of each of its parts."""

    data: Any
    lines: dict[Path, int]


def bad_policy(
    what: str, *, line: int | None, key: str = "", expected: str = "", found: str = ""
) -> InvalidInput:
    """The one shape of what is wrong in a policy."""
    where = f"Line {line}" + (f", {key}" if key else "") if line else key or "The document"
    told = f"{where}: {what}"
    if expected:
        told += f" Expected: {expected}." + (f" Found: {found[:120]}." if found else "")
    return InvalidInput(told, code="bad_policy", line=line, key=key, expected=expected, found=found[:120])


def yaml_load(source: str) -> Loaded:
    """Read one document. Raises InvalidInput with the line, TooLarge for one over the limit."""
    try:
        size = len(source.encode())
    except UnicodeEncodeError as error:
        raise bad_policy("The text is no valid UTF-8.", line=None) from error
    if size > LARGEST_BYTES:
        raise TooLarge(f"A policy has at most {LARGEST_BYTES // 1024} KiB; this one has {size} bytes.")
    try:
        _events_check(source)
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise bad_policy(f"This is no valid YAML: {error.problem or error}.", line=line) from error
    except yaml.YAMLError as error:
        raise bad_policy(
            "This is no valid YAML: it holds characters that YAML does not allow.", line=None
        ) from error
    lines: dict[Path, int] = {}
    return Loaded(_value(node, (), lines) if node is not None else None, lines)


def _events_check(source: str) -> None:
    """Bound depth and number before anything is built; an alias could stand for gigabytes."""
    depth = nodes = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise bad_policy("Anchors and aliases are not taken in a policy.", line=line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > DEEPEST:
            raise bad_policy(f"A policy nests at most {DEEPEST} levels.", line=line)
        if nodes > MOST_NODES:
            raise bad_policy(f"A policy has at most {MOST_NODES} values.", line=line)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.CollectionNode) and node.tag not in _PLAIN:
        raise bad_policy(_ONLY, line=lines[path], found=node.tag)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), lines) for index, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line, key = key_node.start_mark.line + 1, _scalar(key_node)
        if not isinstance(key, str):
            raise bad_policy("A key is a text.", line=line, expected="a text", found=repr(key))
        if key in found:
            raise bad_policy("This key stands here twice.", line=line, key=key)
        found[key] = _value(value_node, (*path, key), lines)
        lines[(*path, key)] = line
    return found


def _scalar(node: yaml.Node) -> Any:
    """Text, number, true, false or nothing. A date stays text; other tags are refused."""
    line = node.start_mark.line + 1
    tag = node.tag.removeprefix("tag:yaml.org,2002:")
    if not isinstance(node, yaml.ScalarNode) or tag not in (
        "str",
        "int",
        "float",
        "bool",
        "null",
        "timestamp",
    ):
        raise bad_policy(_ONLY, line=line, found=node.tag)
    if tag in ("str", "timestamp"):
        return str(node.value)
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (ValueError, OverflowError) as error:
        raise bad_policy("This number cannot be read.", line=line, found=str(node.value)) from error

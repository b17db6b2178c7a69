"""Reads YAML that strangers wrote: plain values only, and none of the tricks that make little text much data."""

from typing import Any

import yaml

LIMIT_BYTES = 1024 * 1024
_EVENTS, _DEPTH, _ALIASES = 50_000, 40, 20
_OPENS = (yaml.events.MappingStartEvent, yaml.events.SequenceStartEvent)
_CLOSES = (yaml.events.MappingEndEvent, yaml.events.SequenceEndEvent)


class UnreadableYaml(Exception):
    """The text is no YAML, or more of it than is read here; says which."""


def yaml_read(data: bytes) -> Any:
    """The plain values of a YAML text. Raises UnreadableYaml."""
    if len(data) > LIMIT_BYTES:
        raise UnreadableYaml(f"is larger than {LIMIT_BYTES // 1024} KiB")
    try:
        text = data.decode()
        _shape_check(text)
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableYaml(f"is not plain YAML ({first_line[:200]})") from error


def _shape_check(text: str) -> None:
    """Counts without building: a few aliases are usual, many of them double what they name again and again."""
    depth = aliases = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        aliases += isinstance(event, yaml.events.AliasEvent)
        if number > _EVENTS or depth > _DEPTH or aliases > _ALIASES:
            raise UnreadableYaml("is deeper, longer or has more aliases than a model's description needs")

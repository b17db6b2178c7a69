"""How complete an answer is, in words and figures: what was not recorded is said, never passed over."""

from collections.abc import Mapping
from dataclasses import dataclass

_SENTENCES = {
    "run": ("run", "recorded no dataset"),
    "logged-model": ("logged model", "names no run that made it"),
    "version": ("model version", "names no run"),
}


@dataclass(frozen=True)
class Gap:
    """Nodes of one kind that lack the fact which would lead further."""

    kind: str
    total: int
    unknown: int


@dataclass(frozen=True)
class Coverage:
    """`is_complete` holds when nothing is unknown and nothing hidden; `statement` says what is missing."""

    is_complete: bool
    unknown: int
    hidden: int
    gaps: list[Gap]
    statement: str


def coverage_of(counts: Mapping[str, Mapping[str, int]]) -> Coverage:
    """The coverage of an answer, from the counts of its nodes by kind."""
    gaps = [
        Gap(kind, counts[kind]["seen"], counts[kind]["lacking"])
        for kind in _SENTENCES
        if kind in counts and counts[kind]["seen"]
    ]
    unknown = sum(gap.unknown for gap in gaps)
    hidden = sum(each["hidden"] for each in counts.values())
    sentences = [_sentence(gap) for gap in gaps if gap.unknown]
    if hidden:
        sentences.append(f"{hidden} of the nodes {_is(hidden)} in workspaces that you do not see.")
    statement = " ".join(sentences) or "Every node says what it was made from."
    return Coverage(not (unknown or hidden), unknown, hidden, gaps, statement)


def _sentence(gap: Gap) -> str:
    noun, lacks = _SENTENCES[gap.kind]
    lacks = lacks if gap.unknown == 1 else lacks.replace("names", "name")
    return f"{gap.unknown} of {gap.total} {noun}{'' if gap.total == 1 else 's'} {lacks}."


def _is(number: int) -> str:
    return "is" if number == 1 else "are"

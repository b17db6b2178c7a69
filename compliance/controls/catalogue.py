"""The catalogue as versioned data: read once, checked strictly, named by its digest.

Of the kinds of evidence that a control lists, those in `min` must be there; without `min` the first one. `fresh_days`
of a control goes before the portal's own limit for a kind.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parent.parent / "data" / "controls.yaml"
SCHEMA = "portal-controls/1"
AUTO = ("full", "part", "manual")
CHECKED = {
    "text": "compared with the wording of the framework, or a detailed digest of it",
    "sec": "taken from secondary sources",
    "know": "from general knowledge and not read again: have a person check it",
}
_FIELDS = {"id", "framework", "ref", "title", "summary", "evidence", "auto", "checked"}
_OPTIONAL = {"min", "fresh_days", "note", "superseded_by"}


class BadCatalogue(Exception):
    """The file is not the catalogue that the portal understands."""


@dataclass(frozen=True)
class Control:
    """One thing that a framework asks. `required` are the kinds of evidence without which it is not answered."""

    id: str
    framework: str
    ref: str
    title: str
    summary: str
    evidence: tuple[str, ...]
    required: tuple[str, ...]
    auto: str
    checked: str
    fresh_days: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    superseded_by: str = ""

    @property
    def checked_label(self) -> str:
        """What the mark `checked` says, in words."""
        return CHECKED[self.checked]

    @property
    def needs_statement(self) -> bool:
        """Whether facts alone do not answer it: a person has to state something."""
        return self.auto != "full"


@dataclass(frozen=True)
class Catalogue:
    """All controls, in the order of the file. `digest` is the SHA-256 of the file."""

    schema: str
    digest: str
    caveats: tuple[str, ...]
    evidence_kinds: Mapping[str, str]
    controls: tuple[Control, ...]

    @property
    def frameworks(self) -> dict[str, int]:
        """The frameworks and how many controls each has."""
        counts: dict[str, int] = {}
        for control in self.controls:
            counts[control.framework] = counts.get(control.framework, 0) + 1
        return counts

    @property
    def checked_marks(self) -> dict[str, str]:
        return CHECKED

    def of(self, framework: str) -> tuple[Control, ...]:
        """The controls of one framework; without a name, all."""
        return tuple(control for control in self.controls if framework in ("", control.framework))

    def get(self, control_id: str) -> Control | None:
        return next((control for control in self.controls if control.id == control_id), None)


@cache
def catalogue() -> Catalogue:
    """The catalogue of this release. Raises BadCatalogue."""
    return catalogue_read(FILE.read_bytes())


def catalogue_read(content: bytes) -> Catalogue:
    """A catalogue from its bytes. Raises BadCatalogue for what it does not know: nothing is passed over."""
    try:
        data = yaml.load(content, Loader=_Strict)  # noqa: S506 - a safe loader that is stricter still
        kinds = {str(kind): str(said) for kind, said in data["evidence_kinds"].items()}
        if data["meta"]["schema"] != SCHEMA:
            raise BadCatalogue(f"The schema is {data['meta']['schema']}, not {SCHEMA}.")
        controls = tuple(_control(entry, kinds) for entry in data["controls"])
        caveats = tuple(str(each) for each in data["meta"]["caveats"])
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BadCatalogue(f"The control catalogue cannot be read: {error}") from error
    if len({control.id for control in controls}) != len(controls):
        raise BadCatalogue("Two controls have the same id.")
    return Catalogue(SCHEMA, hashlib.sha256(content).hexdigest(), caveats, kinds, controls)


def _control(entry: dict[str, Any], kinds: Mapping[str, str]) -> Control:
    name, given = str(entry.get("id")), set(entry)
    if given - _FIELDS - _OPTIONAL or _FIELDS - given:
        raise BadCatalogue(f"{name} has unknown or missing fields: {sorted(given ^ _FIELDS)}.")
    if any(not isinstance(entry[key], str) or not entry[key] for key in _FIELDS - {"evidence"}):
        raise BadCatalogue(f"{name} has a field that is no text.")
    evidence, required = tuple(entry["evidence"]), tuple(entry.get("min") or entry["evidence"][:1])
    fresh = dict(entry.get("fresh_days", {}))
    if not evidence or set(evidence) - kinds.keys() or {*required, *fresh} - set(evidence):
        raise BadCatalogue(
            f"{name} lists a kind of evidence that is unknown, or requires one that it does not list."
        )
    if entry["auto"] not in AUTO or entry["checked"] not in CHECKED:
        raise BadCatalogue(f"{name} has an unknown mark: auto {entry['auto']}, checked {entry['checked']}.")
    return Control(**{**{key: entry[key] for key in given - {"min", "evidence", "fresh_days"}},
                      "evidence": evidence, "required": required, "fresh_days": fresh})  # fmt: skip


class _Strict(yaml.SafeLoader):
    """Plain data only, without aliases and without a key that is given twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias is not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise yaml.YAMLError(f"a key is given twice: {keys}")
        return super().construct_mapping(node, deep=deep)

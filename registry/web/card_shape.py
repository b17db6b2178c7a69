"""A card laid out for people, and its form: the texts of the schema as fields, everything structured as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from portal.kernel.errors import InvalidInput
from registry.cards.schema import CARD_SCHEMA, SAGEMAKER_SECTIONS, SECTIONS

_LONG = 300
_PAIRS_WITHIN = 2


@dataclass(frozen=True)
class Shown:
    """One value of a section: its name, and the value as a text, a list of texts, a table, values in it, or JSON."""

    name: str
    kind: str
    value: Any


@dataclass(frozen=True)
class Section:
    """A section of a card as it is read."""

    name: str
    is_filled: bool
    values: list[Shown]
    is_own: bool


def sections_shown(content: Mapping[str, Any], filled: Mapping[str, bool]) -> list[Section]:
    """The sections in the order of the schema."""
    return [
        Section(name, filled[name], list(_shown(name, content.get(name))), name not in SAGEMAKER_SECTIONS)
        for name in SECTIONS
    ]


def card_form(content: Mapping[str, Any], data: Any = None, *, number: int = 0) -> "CardForm":
    """The form for a card as it stands."""
    return CardForm(data, content=content, initial={"number": number})


class CardForm(forms.Form):
    """A field for each text of the schema; what is structured stands as JSON in one field per section."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=1000, required=False, label="What changes, and why")

    def __init__(self, *args: Any, content: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = content
        for section in SECTIONS:
            for name, field in _fields(section, content.get(section)):
                self.fields[f"{section}.{name}"] = field
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The bound fields, section by section."""
        return [
            (section, [self[name] for name in self.fields if name.startswith(f"{section}.")])
            for section in SECTIONS
        ]

    def content(self) -> dict[str, Any]:
        """The card as it was typed, without what is empty. Raises InvalidInput for what is no JSON."""
        card = {section: self._section(section) for section in SECTIONS}
        return {name: value for name, value in card.items() if value}

    def _section(self, section: str) -> Any:
        rest = _json_read(section, self.cleaned_data[f"{section}.rest"])
        if _texts(section) is None:
            return rest
        if rest and not isinstance(rest, dict):
            raise InvalidInput(f"{section}: what is structured has to be a JSON object.")
        texts = {
            name: self.cleaned_data[f"{section}.{name}"].replace("\r\n", "\n")
            for name in _texts(section) or ()
        }
        return {**(rest or {}), **{name: text for name, text in texts.items() if text.strip()}}


def _fields(section: str, value: Any) -> Iterator[tuple[str, forms.Field]]:
    texts = _texts(section)
    known = value if isinstance(value, Mapping) else {}
    for name, shape in (texts or {}).items():
        yield name, _text_field(name, shape, known.get(name, ""))
    rest = (
        {key: each for key, each in known.items() if key not in (texts or {})} if texts is not None else value
    )
    yield "rest", forms.CharField(
        required=False, label="Structured, as JSON" if texts else "As JSON", initial=_json(rest), strip=False,
        widget=forms.Textarea(attrs={"rows": 6 if rest else 2, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip


def _text_field(name: str, shape: Mapping[str, Any], value: str) -> forms.Field:
    label = name.replace("_", " ").capitalize()
    if "enum" in shape:
        choices = [("", "–"), *((each, each) for each in shape["enum"])]
        return forms.ChoiceField(choices=choices, required=False, label=label, initial=value)
    widget = forms.Textarea(attrs={"rows": 2}) if shape.get("maxLength", 0) > _LONG else forms.TextInput()
    return forms.CharField(
        max_length=shape.get("maxLength"), required=False, label=label, initial=value, widget=widget
    )


def _texts(section: str) -> dict[str, Mapping[str, Any]] | None:
    """The plain texts of a section by name; None where it is a list."""
    shape = CARD_SCHEMA["properties"][section]
    if shape["type"] != "object":
        return None
    return {
        name: each
        for name, each in shape["properties"].items()
        if each.get("type") == "string" or "enum" in each
    }


def _shown(section: str, value: Any) -> Iterator[Shown]:
    if isinstance(value, Mapping):
        yield from (_one(name, each) for name, each in value.items())
    elif value:
        yield _one(section, value)


def _one(name: str, value: Any, depth: int = 0) -> Shown:
    kind = _kind(value, depth)
    if kind == "table":
        return Shown(name, kind, _table(value))
    if kind == "pairs":
        return Shown(name, kind, [_one(inner, each, depth + 1) for inner, each in value.items()])
    return Shown(name, kind, value)


def _kind(value: Any, depth: int = 0) -> str:
    """`pairs` are told one below the other, down to a depth at which JSON is easier to read."""
    if isinstance(value, Mapping):
        return "pairs" if value and depth < _PAIRS_WITHIN else "json" if value else "text"
    if not isinstance(value, list):
        return "text"
    if value and all(isinstance(each, Mapping) for each in value):
        is_flat = all(not cell or not _is_nested(cell) for each in value for cell in each.values())
        return "table" if is_flat else "json"
    return "json" if any(_is_nested(each) for each in value) else "list"


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, Mapping))


def _table(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name, "") for name in names] for row in rows]
    return {
        "names": names,
        "rows": [["–" if _is_nested(cell) or cell == "" else cell for cell in row] for row in cells],
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""


def _json_read(section: str, text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{section}: this is no JSON: {str(error)[:200]}.") from error

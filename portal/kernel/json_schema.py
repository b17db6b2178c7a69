"""JSON schemas, checked by the `jsonschema` library, which is loaded when the first document is.

Importing it takes half a second: too long for each start of a process that may never see a document.
"""

from __future__ import annotations

import sys
from functools import cache, cached_property, partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


# Loading this compiles a grammar for more than a second; documents seldom hold what it is for.
_GRAMMAR = "rfc3987_syntax"
_FORMATS = {"iri": "iri", "iri-reference": "iri_reference"}


@cache
def library() -> ModuleType:
    """`jsonschema`, whose grammar of international addresses is loaded with the first such address."""
    if _GRAMMAR in sys.modules:
        return import_module("jsonschema")
    sys.modules[_GRAMMAR] = cast(
        ModuleType, None
    )  # to import it is an ImportError then, which the library expects
    try:
        found = import_module("jsonschema")
    finally:
        del sys.modules[_GRAMMAR]
    for draft in (found.Draft7Validator, found.Draft201909Validator, found.Draft202012Validator):
        for name, term in _FORMATS.items():
            draft.FORMAT_CHECKER.checks(name, raises=ValueError)(partial(_fits, term))
    return found


def _fits(term: str, value: object) -> bool:
    return not isinstance(value, str) or bool(import_module(_GRAMMAR).is_valid_syntax(term, value))


class JsonSchema:
    """A schema of draft 2020-12."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    def errors(self, document: Any) -> list[ValidationError]:
        """All that is wrong with a document, by where it is."""
        found = self._validator.iter_errors(document)
        return sorted(found, key=lambda error: list(map(str, error.absolute_path)))

    def worst(self, document: Any) -> ValidationError | None:
        """The one error that tells most about what is wrong, if anything is."""
        found: ValidationError | None = library().exceptions.best_match(self._validator.iter_errors(document))
        return found

    @cached_property
    def _validator(self) -> Any:
        return library().Draft202012Validator(self.schema)

"""JSON schemas, checked by the `jsonschema` library, which is loaded when the first document is.

Importing it compiles the grammars of the formats that it knows, for more than a second: too long for each start of
a process that may never see a document.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


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
        found: ValidationError | None = import_module("jsonschema.exceptions").best_match(
            self._validator.iter_errors(document)
        )
        return found

    @cached_property
    def _validator(self) -> Any:
        return import_module("jsonschema").Draft202012Validator(self.schema)

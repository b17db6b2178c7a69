"""JSON schemas, checked by the `jsonschema` library, which is loaded when the first document is.

Importing it takes half a second: too long for each start of a process that may never see a document.
"""

from __future__ import annotations

import sys
from functools import cache, cached_property
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


# Compiles the grammar of international addresses for more than a second. No schema of ours has a format checked.
_FORMATS = "rfc3987_syntax"


@cache
def library() -> ModuleType:
    """`jsonschema`, without the formats that take longest to load, unless somebody has loaded them already."""
    if _FORMATS in sys.modules:
        return import_module("jsonschema")
    sys.modules[_FORMATS] = cast(
        ModuleType, None
    )  # to import it is an ImportError then, which the library expects
    try:
        return import_module("jsonschema")
    finally:
        del sys.modules[_FORMATS]


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

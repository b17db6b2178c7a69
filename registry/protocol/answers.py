"""The shapes in which MLflow's registry answers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.api.call import Answer
from registry.models import ModelVersion, RegisteredModel
from registry.selectors.documents import model_document, version_document


def model_answer(model: RegisteredModel) -> Answer:
    return Answer(b'{"registered_model":' + model_document(model) + b"}")


def version_answer(version: ModelVersion) -> Answer:
    return Answer(b'{"model_version":' + version_document(version) + b"}")


def list_answer(name: str, documents: Sequence[bytes], token: str | None = None) -> Answer:
    """A list; an empty one is left out, as is the token of a last page."""
    parts = [b'"' + name.encode() + b'":[' + b",".join(documents) + b"]"] if documents else []
    if token:
        parts.append(b'"next_page_token":"' + token.encode() + b'"')
    return Answer(b"{" + b",".join(parts) + b"}")


def pairs(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Tags by key; of a key that comes twice, the last counts."""
    return {entry["key"] or "": entry["value"] or "" for entry in entries}

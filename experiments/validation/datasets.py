"""The limits of a dataset that a run names as its input."""

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.validation.names import length_check
from portal.kernel.mlflow_errors import invalid_parameter

_REQUIRED = ("name", "digest", "source_type", "source")
_LENGTHS = {
    "name": 500,
    "digest": 36,
    "source_type": 36,
    "source": 65_535,
    "schema": 1_048_575,
    "profile": 16_777_215,
}
_TAG_LENGTHS = {"key": 255, "value": 500}


def dataset_check(dataset: Mapping[str, Any] | None) -> None:
    """Refuse a dataset without its identity or over a length that MLflow stores."""
    if dataset is None:
        raise invalid_parameter("Dataset cannot be None")
    for name in _REQUIRED:
        if dataset.get(name) is None:
            raise invalid_parameter(f"Dataset {name} cannot be None")
    for name, limit in _LENGTHS.items():
        length_check(name, dataset.get(name), limit)


def input_tags_check(tags: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a tag of a run's input without key or value, or over its length."""
    for tag in tags:
        for name, limit in _TAG_LENGTHS.items():
            if tag.get(name) is None:
                raise invalid_parameter(f"InputTag {name} cannot be None")
            length_check(name, tag[name], limit)

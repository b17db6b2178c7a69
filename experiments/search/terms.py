"""What a parsed search consists of."""

from dataclasses import dataclass
from typing import TypeAlias

METRIC, PARAM, TAG, ATTRIBUTE, DATASET = "metric", "parameter", "tag", "attribute", "dataset"
IS_NULL, IS_NOT_NULL = "IS NULL", "IS NOT NULL"

Value: TypeAlias = str | int | float | tuple[str, ...] | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`entity.key op value`; a search is a conjunction of these."""

    entity: str
    key: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class Ordering:
    """One order-by term; datasets narrow the metric of a logged model."""

    entity: str
    key: str
    ascending: bool
    dataset_name: str | None = None
    dataset_digest: str | None = None

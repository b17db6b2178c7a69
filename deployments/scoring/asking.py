"""What is asked of a scoring, in its normal form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.data.schemas import COLUMNS_AT_MOST
from experiments.models import DatasetVersion
from experiments.validation.dataset_names import dataset_name_check
from portal.kernel.errors import InvalidInput

FORMS = (".csv", ".tsv", ".parquet")
PREDICTION, ROWS_PER_PART, MEMORY_MB = "prediction", 50_000, 2048
ROWS_AT_LEAST, ROWS_AT_MOST = 100, 1_000_000
MEMORY_AT_LEAST, MEMORY_AT_MOST = 256, 262_144
_NAME_LENGTH, _PARTS_WANTED = 200, 500


@dataclass(frozen=True)
class Asked:
    """`output` names the dataset of the result, `prediction` its new column, `keep` those that stand beside it."""

    output: str = ""
    prediction: str = PREDICTION
    keep: tuple[str, ...] = ()
    rows_per_part: int | None = None
    memory_mb: int = MEMORY_MB

    def facts(self, dataset: DatasetVersion) -> dict[str, Any]:
        """As it is kept. Raises InvalidInput (`invalid_scoring`, `no_such_column`)."""
        output = self.output or f"{dataset.asset.name}-scored"[:_NAME_LENGTH]
        dataset_name_check(output)
        for name in (self.prediction, *self.keep):
            if not name or len(name) > 500 or "\x00" in name:
                raise _refused("a column has a name of at most 500 characters")
        if len(self.keep) > COLUMNS_AT_MOST:
            raise _refused(f"at most {COLUMNS_AT_MOST} columns are kept")
        keep = list(dict.fromkeys(self.keep))
        known = {column["name"] for column in dataset.schema or []}
        unknown = [name for name in keep if known and name not in known]
        if unknown:
            raise InvalidInput(
                f"{dataset} has no column {unknown[0]} that could be kept. It has {', '.join(sorted(known))[:500]}.",
                code="no_such_column", column=unknown[0],
            )  # fmt: skip
        return {
            "output": output, "prediction": self.prediction, "keep": keep, "rows_per_part": self._rows(dataset),
            "memory_mb": _whole(self.memory_mb, MEMORY_AT_LEAST, MEMORY_AT_MOST, "memory_mb"),
        }  # fmt: skip

    def _rows(self, dataset: DatasetVersion) -> int:
        """What is usual, or more where that made too many parts."""
        if self.rows_per_part is not None:
            return _whole(self.rows_per_part, ROWS_AT_LEAST, ROWS_AT_MOST, "rows_per_part")
        return min(ROWS_AT_MOST, max(ROWS_PER_PART, -(-(dataset.row_count or 0) // _PARTS_WANTED)))


def asked_again(facts: Mapping[str, Any]) -> Asked:
    """What was asked once, to be asked again."""
    return Asked(**{**facts, "keep": tuple(facts["keep"])})


def dataset_check(dataset: DatasetVersion) -> None:
    """Raise InvalidInput for data that cannot be scored."""
    if not dataset.is_held:
        raise InvalidInput(
            f"The portal knows {dataset} by its address only. Upload its files.", code="data_not_held"
        )
    strange = [each["path"] for each in dataset.manifest if not each["path"].lower().endswith(FORMS)]
    if strange:
        raise InvalidInput(
            f"{dataset} cannot be scored: its file {strange[0]} is none of {', '.join(FORMS)}.",
            code="unknown_form",
        )


def _whole(value: Any, least: int, most: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _refused(f"{name} is a whole number from {least} to {most}")
    return value


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"The scoring is not taken: {why}.", code="invalid_scoring")

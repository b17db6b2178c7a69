"""What is wrong with the values of a column, against what its reference had."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """Shares of rows, each from 0 to 1. `missing` is what is missing beyond the share that the reference had."""

    missing: float
    mistyped: float
    out_of_range: float
    unknown: float

    @property
    def worst(self) -> float:
        return max(self.missing, self.mistyped, self.out_of_range, self.unknown)

    @property
    def what(self) -> str:
        """The worst of them in words."""
        named = {
            "values are missing": self.missing, "values have another type": self.mistyped,
            "values are out of the range": self.out_of_range, "values are new categories": self.unknown,
        }  # fmt: skip
        return max(named, key=lambda name: named[name])


def quality_of(
    rows: int, *, missing: int, mistyped: int = 0, out_of_range: int = 0, unknown: int = 0,
    usual_missing: float = 0.0,
) -> Quality:  # fmt: skip
    """Counts as shares of all rows that were asked about."""
    if not rows:
        return Quality(0.0, 0.0, 0.0, 0.0)
    beyond = max(0.0, missing / rows - usual_missing)
    return Quality(beyond, mistyped / rows, out_of_range / rows, unknown / rows)

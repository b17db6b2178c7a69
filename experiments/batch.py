"""What one log-batch call carries, by column: ready for `unnest`, without an object per point."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Metrics:
    """Points of metrics by column, in the order of the request."""

    keys: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    timestamps: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    model_ids: list[str | None] | None = None  # None: no point names a model or a dataset
    dataset_names: list[str | None] | None = None
    dataset_digests: list[str | None] | None = None

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Params or tags by column."""

    keys: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Batch:
    """A log-batch request, typed but not yet held against the limits of names and lengths."""

    run_id: str
    metrics: Metrics
    params: Pairs
    tags: Pairs

"""What a source holds, in MLflow's words and as plain values: the one language between readers and the writer.

Times are milliseconds since the epoch. Ids are the source's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Latest: TypeAlias = tuple[str, float, int, int]  # key, value, timestamp, step


class SourceUnavailable(Exception):
    """The source cannot be read: down, refuses the credentials, or is no store of this kind."""


@dataclass(frozen=True)
class SourceExperiment:
    id: str
    name: str
    stage: str
    created_at: int
    updated_at: int
    tags: Mapping[str, str]
    is_default: bool = False


@dataclass(frozen=True)
class SourceDataset:
    """A dataset that a run read: MLflow's fields, and the tags of this reading as `[{"key", "value"}]`."""

    fields: Mapping[str, Any]
    tags: Sequence[Mapping[str, str]] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.fields["name"], self.fields["digest"]


@dataclass(frozen=True)
class SourceRun:
    """A run. Of the metrics that are `sampled` the source has some points or the last value alone.

    What it says of these another time takes the place of what came before.
    """

    id: str
    name: str
    user_name: str
    status: str
    stage: str
    start_time: int
    end_time: int | None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    latest: Sequence[Latest] = ()
    datasets: Sequence[SourceDataset] = ()
    models_read: Sequence[str] = ()
    models_made: Sequence[tuple[str, int]] = ()
    artifact_uri: str = ""
    sampled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ModelPoint:
    """A metric point of a logged model."""

    run_id: str
    key: str
    value: float
    timestamp: int
    step: int
    dataset_name: str | None
    dataset_digest: str | None


@dataclass(frozen=True)
class SourceModel:
    """A logged model of MLflow 3; `status` is the name of MLflow's enum."""

    id: str
    name: str
    model_type: str
    status: str
    status_message: str
    run_id: str | None
    created_at: int
    updated_at: int
    params: Mapping[str, str]
    tags: Mapping[str, str]
    points: Sequence[ModelPoint]
    artifact_uri: str


@dataclass(frozen=True)
class SourceVersion:
    number: int
    description: str
    user_name: str
    stage: str
    source: str
    run_id: str | None
    model_id: str | None
    run_link: str
    created_at: int
    updated_at: int
    tags: Mapping[str, str]


@dataclass(frozen=True)
class SourceRegistered:
    """A registered model or prompt with its versions, oldest first, and `alias -> number`."""

    name: str
    description: str
    created_at: int
    updated_at: int
    tags: Mapping[str, str]
    aliases: Mapping[str, int]
    versions: Sequence[SourceVersion]


@dataclass(frozen=True)
class SourceFile:
    """A file of a run or a model; `path` counts from its artifact folder."""

    path: str
    size: int | None


@dataclass(frozen=True)
class Points:
    """Points of one key by column: int64 steps, int64 milliseconds, float64 values."""

    key: str
    steps: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)


class Reader(Protocol):
    """Reads one source. Every method but the last two may raise SourceUnavailable; nothing is held as a whole."""

    kind: str
    address: str

    def experiments(self) -> Iterator[SourceExperiment]: ...

    def runs(self, experiment: SourceExperiment) -> Iterator[Sequence[SourceRun]]:
        """Pages of runs, deleted ones too."""

    def counts(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Points per key of each run; None where the source cannot count them without reading all."""

    def expect(self, wanted: Sequence[tuple[SourceRun, Sequence[str]]]) -> None:
        """`history` will be asked for these next, in this order: the reader may fetch ahead."""

    def history(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        """All points of these keys in portions, key after key."""

    def models(self, experiment: SourceExperiment) -> Iterator[SourceModel]: ...

    def registered(self) -> Iterator[SourceRegistered]: ...

    def files(self, uri: str) -> Iterator[SourceFile]:
        """The files below an artifact folder. Raises FilesUnreadable."""

    def content(self, uri: str, path: str) -> Iterator[bytes]:
        """The bytes of one file in portions. Raises FilesUnreadable."""


class FilesUnreadable(Exception):
    """Files that the source names cannot be had, for the reason given."""

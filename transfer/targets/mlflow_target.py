"""An MLflow store that is written to, by a tracking server's address or as a database."""

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import mlflow
import requests
import sqlalchemy
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelStatus,
    LoggedModelTag,
    Metric,
    Param,
    RunStatus,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient
from mlflow.tracking._tracking_service.utils import _get_store
from mlflow.utils.rest_utils import http_request_safe

from experiments.models.run import TERMINAL_STATUSES
from transfer.objects import Points, SourceDataset, SourceUnavailable
from transfer.sources.addresses import address_of
from transfer.sources.mlflow_artifacts import ArtifactSource
from transfer.sources.mlflow_histories import histories_of
from transfer.sources.mlflow_store import store_open
from transfer.targets.calls import (
    CONNECTIONS,
    POINTS_PER_CALL,
    PointRow,
    pair_calls,
    point_calls,
    sent_at_once,
)

_LOG_BATCH = "/api/2.0/mlflow/runs/log-batch"
MISSING, TAKEN = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"
P = ParamSpec("P")
R = TypeVar("R")


def told(call: Callable[P, R]) -> Callable[P, R]:
    """Errors of the store as SourceUnavailable, with what to do."""

    @functools.wraps(call)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except (MlflowException, requests.RequestException, sqlalchemy.exc.SQLAlchemyError) as error:
            said = " ".join(str(error).split())[:300]
            raise SourceUnavailable(
                f"The destination refused or stopped answering: {said}. Start the export again; it goes on."
            ) from error

    return run


class MlflowTarget:
    """Writes to one store. `artifact_root` is where files go when no server is there to take them."""

    kind = "mlflow"

    def __init__(self, uri: str, *, artifact_root: str = "") -> None:
        self.uri, self.address = uri, address_of(uri)
        self.is_server = urlsplit(uri).scheme in ("http", "https")
        if self.is_server:
            self.store = store_open(uri)
        else:
            self.store = _made(uri, artifact_root)
        self.root = "" if self.is_server else (artifact_root or _default_root(uri)).rstrip("/")
        self.client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        self.registry: Any = (
            self.client._get_registry_client().store
        )  # its client makes no prompts and no placeholders
        self.histories = histories_of(self.store)
        self._pool = ThreadPoolExecutor(CONNECTIONS if self.is_server else 1, thread_name_prefix="points")
        allowed = [self.root] if self.root else []
        self.files = ArtifactSource(uri, allowed=allowed)

    @contextmanager
    def as_own(self) -> Iterator[None]:
        """MLflow's registry on a database looks logged models up at the address that is set for its whole process."""
        before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(self.uri)
        try:
            yield
        finally:
            mlflow.set_tracking_uri(before)

    @told
    def experiment(
        self, there: str | None, name: str, tags: Mapping[str, str], mark: str
    ) -> tuple[str, bool]:
        """The id of an experiment, and whether it was made now; empty where the name is another one's."""
        if there is None:
            found = self.store.get_experiment_by_name(name)
            if found is None:
                location = f"{self.root}/{tags[mark].replace('/', '-')}" if self.root else None
                return str(
                    self.client.create_experiment(name, artifact_location=location, tags=dict(tags))
                ), True
            if dict(found.tags).get(mark) != tags[mark] and str(found.experiment_id) != "0":
                return "", False
            there = str(found.experiment_id)
        known = dict(self.store.get_experiment(there).tags)
        new = {key: value for key, value in tags.items() if known.get(key) != value}
        if new:
            self.experiment_open(there)
        for key, value in new.items():
            self.client.set_experiment_tag(there, key, value)
        return there, False

    @told
    def experiment_open(self, there: str) -> None:
        """Let an experiment be written to."""
        if self.store.get_experiment(there).lifecycle_stage == "deleted":
            self.client.restore_experiment(there)

    @told
    def experiment_close(self, there: str, stage: str) -> None:
        """Delete an experiment that is deleted here."""
        if stage == "deleted":
            self.client.delete_experiment(there)

    @told
    def runs_by_tag(self, experiment: str, mark: str) -> dict[str, str]:
        """The runs that carry the mark: what it says, and their ids."""
        found, token = {}, None
        while True:
            page = self.store.search_runs([experiment], "", ViewType.ALL, 1000, None, token)
            found.update({run.data.tags[mark]: run.info.run_id for run in page if mark in run.data.tags})
            token = page.token
            if not token:
                return found

    @told
    def run_make(
        self, experiment: str, *, name: str, user: str, start_time: int, tags: Mapping[str, str]
    ) -> str:
        """A running run; its id."""
        named = [RunTag(key, value) for key, value in tags.items() if key != "mlflow.runName"]
        return str(self.store.create_run(experiment, user, start_time, named, name).info.run_id)

    @told
    def run_open(self, there: str) -> None:
        """Let a run be written to."""
        if self.store.get_run(there).info.lifecycle_stage == "deleted":
            self.client.restore_run(there)

    @told
    def run_end(self, there: str, status: str, end_time: int | None, name: str) -> None:
        """Status, end and name of a run."""
        if status != "RUNNING" or end_time is not None:
            end = end_time if end_time is not None or status not in TERMINAL_STATUSES else 0
            self.store.update_run_info(there, RunStatus.from_string(status), end, name or None)

    @told
    def run_stage(self, there: str, stage: str) -> None:
        """Delete a run, or bring it back."""
        if self.store.get_run(there).info.lifecycle_stage != stage:
            (self.client.delete_run if stage == "deleted" else self.client.restore_run)(there)

    @told
    def params_log(self, there: str, params: Mapping[str, str]) -> None:
        """Log params."""
        for pairs in pair_calls(params.items()):
            self.store.log_batch(there, [], [Param(key, value) for key, value in pairs], [])

    @told
    def tags_set(self, there: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        for pairs in pair_calls(tags.items()):
            self.store.log_batch(there, [], [], [RunTag(key, value) for key, value in pairs])

    @told
    def points_log(self, wanted: Iterable[tuple[str, Iterator[Points]]]) -> None:
        """Log points of runs, in one or several streams for each; a metric stands in one of them."""
        streams = (zip(repeat(run_id), point_calls(points)) for run_id, points in wanted)
        sent_at_once(self._pool, streams, self._call)

    def _call(self, given: tuple[str, Sequence[PointRow]]) -> None:
        run_id, rows = given
        if not self.is_server:
            self.store.log_batch(run_id, [Metric(*row) for row in rows], [], [])
            return
        # MLflow's client makes an object, a message and an indented text of each point first.
        names = ("key", "value", "timestamp", "step")
        points = [dict(zip(names, (row[0], _spoken(row[1]), *row[2:]), strict=True)) for row in rows]
        body = {"run_id": run_id, "metrics": points}
        http_request_safe(self.store.get_host_creds(), _LOG_BATCH, "POST", json=body)

    @told
    def datasets_log(self, there: str, datasets: Sequence[SourceDataset]) -> None:
        """Note the datasets that a run read."""
        if datasets:
            inputs = [
                DatasetInput(
                    Dataset(**each.fields), [InputTag(tag["key"], tag["value"]) for tag in each.tags]
                )
                for each in datasets
            ]
            self.store.log_inputs(there, inputs)

    @told
    def links_log(self, there: str, read: Sequence[str], made: Mapping[str, int]) -> None:
        """Note the logged models that a run read and made."""
        if read:
            self.store.log_inputs(there, None, [LoggedModelInput(each) for each in read])
        if made:
            self.store.log_outputs(there, [LoggedModelOutput(each, step) for each, step in made.items()])

    @told
    def model_make(
        self, experiment: str, *, name: str, run_id: str | None, tags: Mapping[str, str], params: Mapping[str, str],
        model_type: str, mark: str,
    ) -> tuple[str, bool]:  # fmt: skip
        """A pending logged model, or the one that was made for this before; its id, and whether it is new."""
        found = self.store.search_logged_models([experiment], f"tags.`{mark}` = '{tags[mark]}'")
        if found:
            return str(found[0].model_id), False
        made = self.store.create_logged_model(
            experiment, name=name, source_run_id=run_id,
            tags=[LoggedModelTag(key, value) for key, value in tags.items()],
            params=[LoggedModelParameter(key, value) for key, value in params.items()], model_type=model_type or None,
        )  # fmt: skip
        return str(made.model_id), True

    @told
    def model_points_log(self, run_id: str, points: Sequence[Mapping[str, Any]]) -> None:
        """Log points of a logged model, which are also points of their run."""
        for start in range(0, len(points), POINTS_PER_CALL):
            self.store.log_batch(
                run_id, [Metric(**each) for each in points[start : start + POINTS_PER_CALL]], [], []
            )

    @told
    def model_finish(self, there: str) -> None:
        """A logged model is ready."""
        self.store.finalize_logged_model(there, LoggedModelStatus.READY)

    @told
    def run_files(self, there: str) -> str:
        """Where the files of a run go."""
        return str(self.store.get_run(there).info.artifact_uri)

    @told
    def model_files(self, there: str) -> str:
        """Where the files of a logged model go."""
        return str(self.store.get_logged_model(there).artifact_location)

    @told
    def file_put(self, uri: str, local: Path, folder: str) -> None:
        """Copy a local file into a folder below a place."""
        get_artifact_repository(uri, tracking_uri=self.uri).log_artifact(str(local), folder or None)


def _spoken(value: float) -> float | str:
    """A number as JSON has it; what it has not is a text to MLflow."""
    return "NaN" if math.isnan(value) else value


def _made(uri: str, artifact_root: str) -> Any:
    """A store that may have to be made: MLflow makes the tables of an empty database itself."""
    if urlsplit(uri).scheme in ("", "file"):
        raise SourceUnavailable(
            f"MLflow keeps no new folders of files: give a database, such as sqlite:///{uri}/mlflow.db."
        )
    try:
        return _get_store(uri, artifact_root or _default_root(uri))
    except (MlflowException, sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise SourceUnavailable(f"The destination {address_of(uri)} cannot be written: {said}") from error


def _default_root(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme.startswith("sqlite"):
        return str(Path(sqlalchemy.make_url(uri).database or "mlflow.db").resolve().parent / "mlartifacts")
    raise SourceUnavailable(
        "Say where files go, with --artifact-root: a folder, or a URI such as s3://bucket/path."
    )

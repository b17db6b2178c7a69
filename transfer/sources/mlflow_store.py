"""MLflow as a source: a tracking server, its database, or its folder of files, through MLflow's own stores."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import sqlalchemy
from mlflow.entities import ViewType
from mlflow.environment_variables import MLFLOW_ALLOW_FILE_STORE
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.file_store import FileStore
from mlflow.store.tracking.rest_store import RestStore
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracking import MlflowClient
from mlflow.tracking._tracking_service.utils import _get_store
from mlflow.utils.rest_utils import http_request

from transfer.objects import (
    ModelPoint,
    Points,
    SourceDataset,
    SourceExperiment,
    SourceFile,
    SourceModel,
    SourceRegistered,
    SourceRun,
    SourceUnavailable,
    SourceVersion,
)
from transfer.sources.addresses import address_of
from transfer.sources.mlflow_artifacts import ArtifactSource
from transfer.sources.mlflow_histories import histories_of

Entity = TypeVar("Entity")
RUNS_PER_PAGE = 200
_PROMPTS = "tags.`mlflow.prompt.is_prompt` = 'true'"
_TABLES = {"experiments", "runs", "metrics", "params", "tags", "alembic_version"}


class MlflowReader:
    """One MLflow store. `address` is its URI without credentials, or the name that was given to it."""

    kind = "mlflow"

    def __init__(self, uri: str, *, address: str = "", files: ArtifactSource | None = None) -> None:
        self.uri = uri
        self.address = address or address_of(uri)
        self._store = store_open(uri)
        self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        self._histories = histories_of(self._store)
        self._files = files or ArtifactSource(uri)

    def experiments(self) -> Iterator[SourceExperiment]:
        for each in self._paged(
            lambda token: self._store.search_experiments(
                view_type=ViewType.ALL, max_results=1000, order_by=["experiment_id ASC"], page_token=token
            )
        ):
            yield SourceExperiment(
                id=str(each.experiment_id), name=each.name, stage=each.lifecycle_stage,
                created_at=each.creation_time or 0, updated_at=each.last_update_time or 0,
                tags=dict(each.tags or {}), is_default=str(each.experiment_id) == "0",
            )  # fmt: skip

    def runs(self, experiment: SourceExperiment) -> Iterator[Sequence[SourceRun]]:
        token: str | None = None
        while True:
            page = _told(partial(self._runs_page, experiment.id, token))
            if page:
                yield [_run(each) for each in page]
            token = page.token
            if not token:
                return

    def _runs_page(self, experiment_id: str, token: str | None) -> Any:
        order = ["attributes.start_time ASC"]  # so that runs that begin meanwhile come last
        return self._store.search_runs([experiment_id], "", ViewType.ALL, RUNS_PER_PAGE, order, token)

    def counts(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        return self._histories.counts(run_ids)

    def expect(self, wanted: Sequence[tuple[SourceRun, Sequence[str]]]) -> None:
        self._histories.expect(
            {
                run.id: {key: (step, moment) for key, _, moment, step in run.latest if key in set(keys)}
                for run, keys in wanted
            }
        )

    def history(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        try:
            yield from self._histories.points(run.id, keys)
        except (MlflowException, requests.RequestException, sqlalchemy.exc.SQLAlchemyError) as error:
            raise _unavailable(error) from error

    def models(self, experiment: SourceExperiment) -> Iterator[SourceModel]:
        try:
            for each in self._paged(
                lambda token: self._store.search_logged_models(
                    [experiment.id], max_results=100, page_token=token
                )
            ):
                yield _model(each)
        except SourceUnavailable as error:
            # A server before MLflow 3 knows no logged models.
            if "404" not in str(error) and "ENDPOINT_NOT_FOUND" not in str(error):
                raise

    def registered(self) -> Iterator[SourceRegistered]:
        for filter_string in ("", _PROMPTS):
            for each in self._paged(partial(self._registered_page, filter_string)):
                yield self._registered(each, filter_string)

    def _registered_page(self, wanted: str, token: str | None) -> Any:
        return self._client.search_registered_models(filter_string=wanted, max_results=100, page_token=token)

    def files(self, uri: str) -> Iterator[SourceFile]:
        return self._files.files(uri)

    def content(self, uri: str, path: str) -> Iterator[bytes]:
        return self._files.content(uri, path)

    def _registered(self, whole: Any, also: str) -> SourceRegistered:
        name = whole.name
        quote = '"' if "'" in name else "'"
        wanted = " and ".join(filter(None, (f"name={quote}{name}{quote}", also)))
        versions = self._paged(
            lambda token: self._client.search_model_versions(wanted, max_results=1000, page_token=token)
        )
        return SourceRegistered(
            name=name, description=whole.description or "", created_at=whole.creation_timestamp or 0,
            updated_at=whole.last_updated_timestamp or 0,
            tags=dict(whole._tags),  # the public ones leave out what tells that it is a prompt
            aliases={alias: int(number) for alias, number in (whole.aliases or {}).items()},
            versions=sorted(map(_version, versions), key=lambda version: version.number),
        )  # fmt: skip

    def _paged(self, fetch: Callable[[str | None], Any]) -> Iterator[Any]:
        token: str | None = None
        while True:
            page = _told(partial(fetch, token))
            yield from page
            token = page.token
            if not token:
                return


def store_open(uri: str) -> Any:
    """MLflow's store for a URI, looked at but not changed. Raises SourceUnavailable."""
    scheme = urlsplit(uri).scheme
    if scheme in ("http", "https"):
        store = _get_store(uri)
        _server_check(store, uri)
        return store
    if scheme in ("", "file"):
        return _file_store(uri)
    return _sql_store(uri)


class _ReadStore(SqlAlchemyStore):
    """Opens a database without adding the default experiment to it."""

    def _initialize_store_state(self) -> None:
        pass


def _sql_store(uri: str) -> SqlAlchemyStore:
    shown = address_of(uri)
    try:
        path = sqlalchemy.make_url(uri).database or ""
        if uri.startswith("sqlite") and not Path(path).is_file():
            raise SourceUnavailable(f"There is no database file at {shown}.")
        engine = sqlalchemy.create_engine(uri)
        tables = set(sqlalchemy.inspect(engine).get_table_names())
        engine.dispose()
        if not tables >= _TABLES:
            raise SourceUnavailable(
                f"{shown} is no database of MLflow: it has no tables of experiments and runs."
            )
        return _ReadStore(uri, "./unused")
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise SourceUnavailable(f"The database {shown} cannot be read: {_short(error)}") from error
    except MlflowException as error:
        raise SourceUnavailable(f"The database {shown} cannot be read: {_short(error)}") from error


def _file_store(uri: str) -> FileStore:
    folder = Path(urlsplit(uri).path or uri)
    if not folder.is_dir() or not any(folder.glob("*/meta.yaml")):
        raise SourceUnavailable(
            f"{folder} is no folder of MLflow's: it holds no experiment with a meta.yaml."
        )
    MLFLOW_ALLOW_FILE_STORE.set("true")  # MLflow lets nobody begin with one any more; here it is only read
    return FileStore(str(folder))


def _server_check(store: RestStore, uri: str) -> None:
    """Ask for one experiment without the many retries of MLflow's client: the address may be a wrong one."""
    shown = address_of(uri)
    try:
        answer = http_request(
            store.get_host_creds(), "/api/2.0/mlflow/experiments/search", "POST", json={"max_results": 1},
            max_retries=1, raise_on_status=False, timeout=30,
        )  # fmt: skip
    except (requests.RequestException, MlflowException) as error:
        raise SourceUnavailable(
            f"The server {shown} cannot be reached. Look at the address, and whether it runs. ({_short(error)})"
        ) from error
    if answer.status_code in (401, 403):
        raise SourceUnavailable(
            f"The server {shown} refuses these credentials (HTTP {answer.status_code}). Set MLFLOW_TRACKING_TOKEN, or "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, of an account that may read everything."
        )
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.status_code != 200 or not isinstance(found, dict):
        raise SourceUnavailable(
            f"{shown} is no MLflow tracking server: it answers HTTP {answer.status_code} to a search of experiments."
        )


def _told(call: Callable[[], Entity]) -> Entity:
    try:
        return call()
    except (MlflowException, requests.RequestException, sqlalchemy.exc.SQLAlchemyError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> SourceUnavailable:
    return SourceUnavailable(
        f"The source stopped answering: {_short(error)}. Start the import again; it goes on."
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _run(run: Any) -> SourceRun:
    info, data = run.info, run.data
    inputs, outputs = run.inputs, getattr(run, "outputs", None)
    return SourceRun(
        id=info.run_id, name=info.run_name or "", user_name=info.user_id or "", status=info.status,
        stage=info.lifecycle_stage, start_time=info.start_time or 0, end_time=info.end_time,
        params=dict(data.params), tags=dict(data.tags),
        latest=sorted((m.key, float(m.value), int(m.timestamp), int(m.step)) for m in data._metric_objs),
        datasets=[_dataset(each) for each in (inputs.dataset_inputs if inputs else ())],
        models_read=[each.model_id for each in (getattr(inputs, "model_inputs", None) or ())],
        models_made=[(each.model_id, int(each.step)) for each in (outputs.model_outputs if outputs else ())],
        artifact_uri=info.artifact_uri or "",
    )  # fmt: skip


def _dataset(found: Any) -> SourceDataset:
    dataset = found.dataset
    names = ("name", "digest", "source_type", "source", "schema", "profile")
    fields = {name: getattr(dataset, name) for name in names}
    return SourceDataset(fields, [{"key": tag.key, "value": tag.value} for tag in (found.tags or ())])


def _model(model: Any) -> SourceModel:
    return SourceModel(
        id=model.model_id, name=model.name, model_type=model.model_type or "",
        status=f"LOGGED_MODEL_{getattr(model.status, 'name', model.status)}", status_message=model.status_message or "",
        run_id=model.source_run_id or None, created_at=model.creation_timestamp or 0,
        updated_at=model.last_updated_timestamp or 0,
        params=dict(model.params or {}), tags=dict(model.tags or {}),
        points=[
            ModelPoint(m.run_id, m.key, float(m.value), int(m.timestamp), int(m.step), m.dataset_name, m.dataset_digest)
            for m in (model.metrics or ())
        ],
        artifact_uri=model.artifact_location or "",
    )  # fmt: skip


def _version(version: Any) -> SourceVersion:
    source = version.source or ""
    return SourceVersion(
        number=int(version.version), description=version.description or "", user_name=version.user_id or "",
        stage=version.current_stage or "None", source=source, run_id=version.run_id or None,
        model_id=source.removeprefix("models:/") if source.startswith("models:/m-") else None,
        run_link=version.run_link or "", created_at=version.creation_timestamp or 0,
        updated_at=version.last_updated_timestamp or 0, tags=dict(version.tags or {}),
    )  # fmt: skip

"""Run searches find the runs, in the order, that MLflow's own filter and sort find in the same data."""

import random
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunTag,
)
from mlflow.utils.search_utils import SearchUtils

from experiments.models import Dataset as DatasetRow
from experiments.models import Experiment, LatestMetric, RunInput
from experiments.models import Param as ParamRow
from experiments.models import Run as RunRow
from experiments.models import RunTag as TagRow
from experiments.selectors.run_search import run_ids_search
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.mlflow_errors import ProtocolError

pytestmark = pytest.mark.django_db

RUNS = 60
LARGEST = 1.7976931348623157e308
NUMBERS = (0.0, -1.5, 0.5, 0.5, 2.0, float("nan"), LARGEST, -LARGEST)
TEXTS = ("a", "A", "ab", "a%b", "a_b", "", "é😀", "x" * 250, "x" * 199 + "y")

FILTERS = (
    "",
    "metrics.loss > 0.5",
    "metrics.loss >= 0.5 AND metrics.loss < 1e300",
    "metrics.loss = 0",
    "metrics.loss != 0.5",
    "metrics.loss <= 0",
    "metrics.loss > -2 AND metrics.acc > -2",
    "metrics.nothing > 1",
    "metrics.loss < 1 AND params.lr = 'a'",
    "params.lr != 'a'",
    "params.lr LIKE 'a%'",
    "params.lr ILIKE 'A%'",
    "params.lr = '" + "x" * 250 + "'",
    "params.lr LIKE '%é%'",
    "tags.team IS NULL",
    "tags.team IS NOT NULL AND params.lr IS NULL",
    "tags.team = 'A' AND tags.nothing IS NULL AND params.lr IS NOT NULL",
    "tags.team LIKE '_'",
    "status = 'FINISHED'",
    "status != 'FINISHED' AND user_id = 'ann'",
    "start_time > 1005 AND end_time < 2040",
    "end_time != 2004",
    "start_time >= 1010.5",
    "start_time < 99999999999999999999",
    "run_name LIKE 'run 1%'",
    "run_id = '{first}'",
    "run_id != '{first}'",
    "run_id IN ('{first}', 'nothing')",
    "run_id NOT IN ('{first}', 'nothing')",
    "run_id LIKE '{first}'",
    "artifact_uri LIKE '%/run 1_'",
    "dataset.name = 'train'",
    "dataset.name = 'train' AND dataset.context != 'test'",
    "dataset.digest IN ('d1', 'd2') AND dataset.context LIKE 'tr%'",
)
ORDERS = (
    (),
    ("metrics.loss",),
    ("metrics.loss DESC",),
    ("metrics.loss", "metrics.acc DESC"),
    ("metrics.nothing", "params.lr"),
    ("params.lr DESC",),
    ("tags.team", "start_time"),
    ("status", "metrics.acc DESC"),
    ("end_time DESC",),
    ("attributes.run_name",),
    ("start_time ASC",),
    ("run_id DESC",),
    ("user_id", "end_time", "metrics.loss DESC"),
)


class World:
    """The same runs as rows of ours and as entities of MLflow's."""

    def __init__(self) -> None:
        self.random = random.Random(7)  # noqa: S311
        self.also: list[int] = []
        self.workspace = Workspace.objects.create(name="search")
        self.experiment = Experiment.objects.create(
            workspace=self.workspace,
            name="searched",
            artifact_location="mlflow-artifacts:/searched",
            creation_time=1,
            last_update_time=1,
        )
        self.datasets = [self._dataset("train", "d1"), self._dataset("test", "d2")]
        roles = {self.workspace.pk: frozenset({"viewer"})}
        self.actor = Actor(kind="user", name="bob", user_id=1, roles=roles)
        self.rows: dict[type[Model], list[Any]] = {
            kind: [] for kind in (RunRow, LatestMetric, ParamRow, TagRow, RunInput)
        }
        self.runs = [self._run(number) for number in range(RUNS)]
        for kind, rows in self.rows.items():
            kind._default_manager.bulk_create(rows)

    def search(self, filter_string: str, order_by: tuple[str, ...], size: int = 1_000) -> list[str]:
        """Every page of a search."""
        found: list[UUID] = []
        token = None
        while True:
            page, token = run_ids_search(
                self.actor,
                experiment_ids=[self.experiment.pk, *self.also],
                filter_string=filter_string,
                order_by=order_by,
                max_results=size,
                page_token=token,
            )
            found += page
            if token is None:
                return [run_id.hex for run_id in found]
            assert len(page) == size

    def _dataset(self, name: str, digest: str) -> DatasetRow:
        return DatasetRow.objects.create(
            workspace=self.workspace, experiment=self.experiment, name=name, digest=digest, source="s"
        )

    def _run(self, number: int) -> Run:
        row = RunRow(
            experiment=self.experiment,
            workspace=self.workspace,
            name=f"run {number}",
            user_name=self.random.choice(("ann", "bob")),
            status=self.random.choice(("RUNNING", "FINISHED", "FAILED")),
            start_time=1_000 + number // 3,
            end_time=self.random.choice((None, 2_000 + number)),
            artifact_uri=f"mlflow-artifacts:/searched/run {number}",
        )
        metrics = {key: self.random.choice(NUMBERS) for key in ("loss", "acc") if self.random.random() < 0.8}
        params = {"lr": self.random.choice(TEXTS)} if self.random.random() < 0.8 else {}
        tags = {"team": self.random.choice(TEXTS)} if self.random.random() < 0.8 else {}
        inputs = [
            (dataset, self.random.choice(("train", "test")))
            for dataset in self.datasets
            if self.random.random() < 0.4
        ]
        self._store(row, metrics, params, tags, inputs)
        return self._entity(row, metrics, params, {**tags, "mlflow.runName": row.name}, inputs)

    def _store(
        self,
        row: RunRow,
        metrics: dict[str, float],
        params: dict[str, str],
        tags: dict[str, str],
        inputs: list[tuple[DatasetRow, str]],
    ) -> None:
        self.rows[RunRow].append(row)
        of_run = {"run": row, "experiment_id": self.experiment.pk}
        for key, value in metrics.items():
            is_nan = value != value
            stored = 0.0 if is_nan else value
            metric = LatestMetric(**of_run, key=key, value=stored, is_nan=is_nan, step=0, timestamp=1)
            self.rows[LatestMetric].append(metric)
        for key, text in params.items():
            self.rows[ParamRow].append(ParamRow(**of_run, key=key, value=text))
        for key, text in tags.items():
            self.rows[TagRow].append(TagRow(**of_run, key=key, value=text))
        for dataset, context in inputs:
            self.rows[RunInput].append(RunInput(run=row, dataset=dataset, context=context))

    def _entity(
        self,
        row: RunRow,
        metrics: dict[str, float],
        params: dict[str, str],
        tags: dict[str, str],
        inputs: list[tuple[DatasetRow, str]],
    ) -> Run:
        info = RunInfo(
            row.id.hex,
            str(self.experiment.pk),
            row.user_name,
            row.status,
            row.start_time,
            row.end_time,
            "active",
            row.artifact_uri,
            run_name=row.name,
        )
        data = RunData(
            [Metric(key, value, 1, 0) for key, value in metrics.items()],
            [Param(key, value) for key, value in params.items()],
            [RunTag(key, value) for key, value in tags.items()],
        )
        named = [
            DatasetInput(
                Dataset(dataset.name, dataset.digest, "t", "s"), [InputTag("mlflow.data.context", context)]
            )
            for dataset, context in inputs
        ]
        return Run(info, data, RunInputs(named))


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.slow
def test_every_filter_in_every_order_finds_what_mlflow_finds(world: World) -> None:
    first = world.runs[0].info.run_id
    different = []
    for template, order_by in product(FILTERS, ORDERS):
        text = template.replace("{first}", first)
        stock = SearchUtils.sort(SearchUtils.filter(world.runs, text), list(order_by))
        if [run.info.run_id for run in stock] != world.search(text, order_by):
            different.append((text, order_by))
    assert different == []


@pytest.mark.parametrize("order_by", ORDERS)
def test_pages_of_any_size_together_are_the_whole(world: World, order_by: tuple[str, ...]) -> None:
    whole = world.search("", order_by)
    assert len(set(whole)) == RUNS
    assert world.search("", order_by, size=1) == whole
    assert world.search("", order_by, size=7) == whole
    assert world.search("metrics.loss > -2", order_by, size=3) == world.search("metrics.loss > -2", order_by)


def test_many_keys_find_what_each_of_them_finds(world: World) -> None:
    terms = [f"tags.absent{number} IS NULL" for number in range(40)]
    present = ["metrics.loss > -2", "metrics.acc > -2", "params.lr != 'q'", "tags.team != 'q'"]
    few = world.search(" AND ".join(present), ())
    assert few
    assert world.search(" AND ".join([*terms, *present]), ()) == few
    assert world.search(" AND ".join([*present, *(f"metrics.m{n} > 0" for n in range(20))]), ()) == []


def test_more_keys_than_joins_are_counted_per_run(world: World) -> None:
    rich = RunRow.objects.get(pk=UUID(world.runs[5].info.run_id))
    for number in range(30):
        of_run = {"run": rich, "experiment_id": world.experiment.pk, "key": f"k{number}"}
        LatestMetric.objects.create(**of_run, value=number, step=0, timestamp=1)
        ParamRow.objects.create(**of_run, value=str(number))
    matching = [f"metrics.k{n} = {n} AND params.k{n} = '{n}'" for n in range(30)]
    assert world.search(" AND ".join(matching), ()) == [rich.id.hex]
    assert world.search(" AND ".join([*matching[:-1], "metrics.k29 = 28"]), ()) == []


@pytest.mark.parametrize("order_by", ORDERS)
def test_several_experiments_are_searched_as_one(world: World, order_by: tuple[str, ...]) -> None:
    whole = world.search("metrics.loss > -2", order_by)
    second = Experiment.objects.create(
        workspace=world.workspace, name="second", artifact_location="x", creation_time=1, last_update_time=1
    )
    moved = [UUID(run.info.run_id) for run in world.runs[::2]]
    RunRow.objects.filter(pk__in=moved).update(experiment=second)
    for table in (LatestMetric, ParamRow, TagRow):
        table.objects.filter(run_id__in=moved).update(experiment_id=second.pk)
    world.also = [second.pk]
    assert world.search("metrics.loss > -2", order_by) == whole
    assert world.search("metrics.loss > -2", order_by, size=4) == whole


def test_runs_of_a_workspace_that_is_not_the_actors_are_as_if_absent(world: World) -> None:
    elsewhere = {world.workspace.pk + 1: frozenset({"viewer"})}
    world.actor = Actor(kind="user", name="cleo", user_id=2, roles=elsewhere)
    assert world.search("", ()) == []
    assert world.search("", ("metrics.loss",)) == []


def test_deleted_runs_are_found_only_when_asked_for(world: World) -> None:
    gone = RunRow.objects.order_by("name").first()
    assert gone is not None
    RunRow.objects.filter(pk=gone.pk).update(lifecycle_stage="deleted")
    scope = {"experiment_ids": [world.experiment.pk]}
    assert len(run_ids_search(world.actor, **scope)[0]) == RUNS - 1
    assert run_ids_search(world.actor, **scope, view_type="DELETED_ONLY")[0] == [gone.pk]
    assert len(run_ids_search(world.actor, **scope, view_type="ALL")[0]) == RUNS


def test_a_token_of_another_search_is_refused(world: World) -> None:
    scope = {"experiment_ids": [world.experiment.pk], "max_results": 5}
    _, token = run_ids_search(world.actor, **scope, order_by=["metrics.loss"])
    assert token is not None
    for order_by, filter_string in (["metrics.acc"], ""), (["metrics.loss"], "metrics.acc > 0"):
        with pytest.raises(ProtocolError, match="Invalid page token"):
            run_ids_search(
                world.actor, **scope, order_by=order_by, filter_string=filter_string, page_token=token
            )


@pytest.mark.parametrize("token", ["x", "eyJvZmZzZXQiOiA1fQ==", "a:b:c", "\u00e9"])
def test_a_token_that_is_not_ours_is_refused(world: World, token: str) -> None:
    with pytest.raises(ProtocolError, match="Invalid page token"):
        run_ids_search(world.actor, experiment_ids=[world.experiment.pk], page_token=token)


@pytest.mark.parametrize("max_results", [0, -1, 50_001])
def test_a_page_size_out_of_range_is_refused(world: World, max_results: int) -> None:
    with pytest.raises(ProtocolError, match="max_results"):
        run_ids_search(world.actor, experiment_ids=[world.experiment.pk], max_results=max_results)

"""Searches for experiments and logged models find what stock's own filter and sort find, and page stably."""

import random
from typing import Any

import pytest
from mlflow.entities import Experiment as ExperimentEntity
from mlflow.entities import ExperimentTag as ExperimentTagEntity
from mlflow.entities import LoggedModel as ModelEntity
from mlflow.entities import LoggedModelParameter, LoggedModelStatus, Metric
from mlflow.entities import LoggedModelTag as ModelTagEntity
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchLoggedModelsUtils

from experiments.models import (
    Experiment,
    ExperimentTag,
    LoggedModel,
    LoggedModelMetric,
    LoggedModelParam,
    LoggedModelTag,
    Run,
)
from experiments.selectors.run_search import experiments_search, logged_models_search
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.mlflow_errors import ProtocolError

pytestmark = pytest.mark.django_db

COUNT = 30
WORDS = ("a", "A", "ab", "a%b", "")

EXPERIMENT_FILTERS = (
    "", "name LIKE 'Exp 1%'", "name ILIKE 'exp 2_'", "name = 'Exp 3'", "name != 'Exp 3' AND tags.team = 'a'",
    "tags.team LIKE 'a%'", "tag.team IS NULL", "tags.team IS NOT NULL AND creation_time > 104",
    "creation_time <= 105 AND last_update_time != 1003", "attribute.name = 'Exp 5'", "tags.nothing = 'a'",
)  # fmt: skip
EXPERIMENT_ORDERS = ((), ("name",), ("name DESC",), ("creation_time", "name DESC"), ("last_update_time",))

MODEL_FILTERS = (
    "", "name = 'model 1'", "name LIKE 'model 2%'", "params.lr = 'a' AND tags.team != 'a'",
    "params.lr ILIKE 'A%'", "metrics.loss > 0.5", "metrics.loss <= 1.5 AND name != 'model 3'",
    "model_type = 'x'",
    "creation_timestamp > 105",
    "metrics.nothing = 1", "name IN ('model 4', 'model 5')", "tags.team NOT IN ('a', 'A')",
    "status = 'READY'",
)  # fmt: skip
MODEL_ORDERS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"field_name": "name", "ascending": False}],
    [{"field_name": "metrics.loss"}],
    [{"field_name": "metrics.loss", "ascending": False}, {"field_name": "name"}],
    [{"field_name": "creation_timestamp"}, {"field_name": "model_id", "ascending": False}],
    [{"field_name": "model_type"}],
)


class World:
    """Experiments and models as rows of ours and as entities of MLflow's."""

    def __init__(self) -> None:
        self.random = random.Random(11)  # noqa: S311
        self.workspace = Workspace.objects.create(name="objects")
        roles = {self.workspace.pk: frozenset({"viewer"})}
        self.actor = Actor(kind="user", name="bob", user_id=1, roles=roles)
        self.experiments = [self._experiment(number) for number in range(COUNT)]
        self.home = Experiment.objects.get(pk=int(self.experiments[0].experiment_id))
        self.run = Run.objects.create(
            experiment=self.home, workspace=self.workspace, name="r", status="RUNNING", start_time=1
        )
        self.models = [self._model(number) for number in range(COUNT)]

    def _experiment(self, number: int) -> ExperimentEntity:
        created, updated = 100 + number // 3, 1_000 + number // 2
        row = Experiment.objects.create(
            workspace=self.workspace,
            name=f"Exp {number}",
            artifact_location="mlflow-artifacts:/x",
            creation_time=created,
            last_update_time=updated,
        )
        tags = {"team": self.random.choice(WORDS)} if self.random.random() < 0.7 else {}
        for key, value in tags.items():
            ExperimentTag.objects.create(experiment=row, key=key, value=value)
        entities = [ExperimentTagEntity(key, value) for key, value in tags.items()]
        return ExperimentEntity(str(row.pk), row.name, "x", "active", entities, created, updated)

    def _model(self, number: int) -> ModelEntity:
        created = 100 + number // 3
        status = self.random.choice(("READY", "PENDING"))
        row = LoggedModel.objects.create(
            id=f"m-{number:032x}",
            workspace=self.workspace,
            experiment=self.home,
            name=f"model {number}",
            model_type=self.random.choice(("x", "y")),
            status=f"LOGGED_MODEL_{status}",
            creation_timestamp=created,
            last_updated_timestamp=created,
        )
        params = {"lr": self.random.choice(WORDS)} if self.random.random() < 0.7 else {}
        tags = {"team": self.random.choice(WORDS)} if self.random.random() < 0.7 else {}
        loss = self.random.choice((None, 0.0, 0.5, 0.5, 2.0))
        for key, value in params.items():
            LoggedModelParam.objects.create(model=row, key=key, value=value)
        for key, value in tags.items():
            LoggedModelTag.objects.create(model=row, key=key, value=value)
        if loss is not None:
            named = {"dataset_name": "d", "dataset_digest": "1"}
            LoggedModelMetric.objects.create(
                model=row, run=self.run, key="loss", value=loss, step=0, timestamp=1, **named
            )
        return ModelEntity(
            experiment_id=str(self.home.pk),
            model_id=row.pk,
            name=row.name,
            artifact_location="x",
            creation_timestamp=created,
            last_updated_timestamp=created,
            model_type=row.model_type,
            status=LoggedModelStatus(status),
            params=[LoggedModelParameter(key, value) for key, value in params.items()],
            tags=[ModelTagEntity(key, value) for key, value in tags.items()],
            metrics=[] if loss is None else [Metric("loss", loss, 1, 0, row.pk, "d", "1", self.run.id.hex)],
        )

    def find_experiments(self, text: str, order_by: tuple[str, ...], size: int) -> list[str]:
        found: list[int] = []
        token = None
        while True:
            page, token = experiments_search(
                self.actor, filter_string=text, order_by=order_by, max_results=size, page_token=token
            )
            found += page
            if token is None:
                return [str(number) for number in found]

    def find_models(self, text: str, order_by: list[dict[str, Any]], size: int, **more: Any) -> list[str]:
        found: list[str] = []
        token = None
        while True:
            page, token = logged_models_search(
                self.actor,
                experiment_ids=[str(self.home.pk)],
                filter_string=text,
                order_by=order_by,
                max_results=size,
                page_token=token,
                **more,
            )
            found += page
            if token is None:
                return found


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("text", EXPERIMENT_FILTERS)
def test_experiments_are_found_as_by_mlflow(world: World, text: str) -> None:
    for order_by in EXPERIMENT_ORDERS:
        matching = SearchExperimentsUtils.filter(world.experiments, text)
        clauses = list(order_by) or ["creation_time DESC", "experiment_id ASC"]
        # As text, "10" would come before "9": the table has numbers.
        for each in matching:
            each._experiment_id = int(each._experiment_id)
        expected = [str(each.experiment_id) for each in SearchExperimentsUtils.sort(matching, clauses)]
        assert world.find_experiments(text, order_by, 1_000) == expected
        assert world.find_experiments(text, order_by, 4) == expected


def test_experiments_are_found_by_id(world: World) -> None:
    first, second = (each.experiment_id for each in world.experiments[:2])
    assert world.find_experiments(f"experiment_id = '{first}'", (), 10) == [first]
    assert set(world.find_experiments(f"experiment_id IN ('{first}', '{second}')", (), 10)) == {first, second}
    assert len(world.find_experiments(f"experiment_id NOT IN ('{first}', '{2**70}')", (), 10)) == COUNT - 1


@pytest.mark.parametrize("text", MODEL_FILTERS)
def test_models_are_found_as_by_mlflow(world: World, text: str) -> None:
    stock = [each for each in world.models if _matches(each, text)]
    for order_by in MODEL_ORDERS:
        expected = [each.model_id for each in SearchLoggedModelsUtils.sort(stock, order_by)]
        assert world.find_models(text, order_by, 1_000) == expected
        assert world.find_models(text, order_by, 4) == expected


def _matches(model: ModelEntity, text: str) -> bool:
    # MLflow's Python filter takes no lists for models, its SQL store does.
    if "IN (" not in text:
        return bool(SearchLoggedModelsUtils.filter_logged_models([model], text))
    if text.startswith("name"):
        return model.name in ("model 4", "model 5")
    return "team" in model.tags and model.tags["team"] not in ("a", "A")


def test_datasets_narrow_the_metrics_of_models(world: World) -> None:
    with_loss = {model.model_id for model in world.models if model.metrics}
    assert set(world.find_models("", [], 100, datasets=[{"dataset_name": "d"}])) == with_loss
    assert world.find_models("", [], 100, datasets=[{"dataset_name": "other"}]) == []
    assert world.find_models("metrics.loss >= 0", [], 100, datasets=[{"dataset_name": "other"}]) == []
    with pytest.raises(ProtocolError, match="`dataset_name` in the `datasets` clause"):
        world.find_models("", [], 100, datasets=[{"dataset_name": ""}])


def test_what_the_actor_does_not_see_is_absent(world: World) -> None:
    elsewhere = {world.workspace.pk + 1: frozenset({"viewer"})}
    world.actor = Actor(kind="user", name="cleo", user_id=2, roles=elsewhere)
    assert world.find_experiments("", (), 10) == []
    assert world.find_models("", [], 10) == []


def test_deleted_models_are_never_found(world: World) -> None:
    LoggedModel.objects.filter(pk=world.models[0].model_id).update(lifecycle_stage="deleted")
    assert world.models[0].model_id not in world.find_models("", [], 100)

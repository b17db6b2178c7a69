"""Names, lengths, values and limits: the same input through MLflow's validators and ours."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils import validation as stock

from experiments.batch import Batch, Metrics, Pairs
from experiments.validation.batches import batch_checked, stored_values
from experiments.validation.identifiers import experiment_id_parse, experiment_ids_parse, run_id_parse
from experiments.validation.locations import artifact_location_checked
from experiments.validation.names import (
    experiment_name_check,
    experiment_tag_check,
    logged_model_name_check,
    metric_name_check,
    param_name_check,
    tag_name_check,
)
from portal.kernel.mlflow_errors import ProtocolError

NAMES = [
    "a", "a b", "a/b", "a:b", "é", "a.b-c_d", "", ".", "..", "/a", "a/", "a//b", "../a", "a/../b", "./a",
    "a#b", "a\\b", "a\n", "a\tb", "a%2e", "😀", "a;b", "x" * 300,
]  # fmt: skip


def refusal(check: Callable[[], Any]) -> str | None:
    try:
        check()
    except (ProtocolError, MlflowException) as error:
        return f"{error.error_code}: {error.message}"
    return None


@pytest.mark.parametrize("name", NAMES)
def test_names_are_taken_and_refused_as_by_stock(name: str) -> None:
    assert refusal(lambda: metric_name_check(name)) == refusal(lambda: stock._validate_metric_name(name))
    assert refusal(lambda: param_name_check(name)) == refusal(lambda: stock._validate_param_name(name))
    assert refusal(lambda: tag_name_check(name)) == refusal(lambda: stock._validate_tag_name(name))
    assert refusal(lambda: experiment_tag_check(name, "v")) == refusal(
        lambda: stock._validate_experiment_tag(name, "v")
    )
    assert refusal(lambda: logged_model_name_check(name)) == refusal(
        lambda: stock._validate_logged_model_name(name)
    )


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12))
def test_any_name_is_taken_or_refused_as_by_stock(name: str) -> None:
    assert refusal(lambda: metric_name_check(name)) == refusal(lambda: stock._validate_metric_name(name))


@pytest.mark.parametrize("name", ["", None, "a", "x" * 500, "x" * 501])
def test_experiment_names(name: str | None) -> None:
    assert refusal(lambda: experiment_name_check(name)) == refusal(
        lambda: stock._validate_experiment_name(name)
    )


def columns(metrics: list[Metric], params: list[Param], tags: list[RunTag]) -> Batch:
    points = Metrics(
        [each.key for each in metrics],
        [each.value for each in metrics],
        [each.timestamp for each in metrics],
        [each.step for each in metrics],
    )
    return Batch(
        "r",
        points,
        Pairs([each.key for each in params], [each.value for each in params]),
        Pairs([each.key for each in tags], [each.value for each in tags]),
    )


def stock_batch(metrics: list[Metric], params: list[Param], tags: list[RunTag]) -> Any:
    metrics, params, tags = stock._validate_batch_log_data(metrics, params, tags)
    stock._validate_batch_log_limits(metrics, params, tags)
    stock._validate_param_keys_unique(params)
    return params, tags


def some(count: int, kind: Callable[[str, str], Any], value: str = "v") -> list[Any]:
    return [kind(f"k{number}", value) for number in range(count)]


def points(count: int, key: str = "m", timestamp: int = 1) -> list[Metric]:
    return [Metric(key, float(number), timestamp, number) for number in range(count)]


BATCHES = [
    ([], [], []),
    (points(1000), [], []),
    (points(1001), [], []),
    ([], some(100, Param), some(100, RunTag)),
    ([], some(101, Param), []),
    ([], [], some(101, RunTag)),
    (points(901), some(50, Param), some(50, RunTag)),
    (points(900), some(50, Param), some(50, RunTag)),
    (points(2, "a/../b"), [], []),
    (points(2, "m", -1), [], []),
    (points(2, "x" * 251), [], []),
    ([], [Param("a", "1"), Param("b", "1"), Param("a", "2")], []),
    ([], [Param("a", "1"), Param("a", "1")], []),
    ([], [Param("../a", "1")], []),
    ([], [Param("x" * 251, "1")], []),
    ([], [], [RunTag("ok", "1"), RunTag("", "1")]),
    ([], [], [RunTag("x" * 251, "1")]),
]


@pytest.mark.parametrize(("metrics", "params", "tags"), BATCHES)
def test_batches_are_taken_and_refused_as_by_stock(metrics: Any, params: Any, tags: Any) -> None:
    ours = refusal(lambda: batch_checked(columns(metrics, params, tags)))
    assert ours == refusal(lambda: stock_batch(metrics, params, tags))


def test_long_texts_are_cut_as_by_stock() -> None:
    params, tags = [Param("p", "x" * 6_500)], [RunTag("t", "y" * 8_500)]
    ours = batch_checked(columns([], params, tags))
    cut_params, cut_tags = stock_batch([], params, tags)
    assert ours.params.values == [cut_params[0].value] == ["x" * 6_000]
    assert ours.tags.values == [cut_tags[0].value] == ["y" * 8_000]


def test_experiment_tags_are_never_cut() -> None:
    experiment_tag_check("k", "x" * 20_000)
    with pytest.raises(ProtocolError, match="maximum length of 20000"):
        experiment_tag_check("k", "x" * 20_001)


def test_special_values_are_stored_as_stock_stores_them() -> None:
    values, nans = stored_values([1.5, math.nan, math.inf, -math.inf])
    assert values == [1.5, 0.0, 1.7976931348623157e308, -1.7976931348623157e308]
    assert nans == [False, True, False, False]


@pytest.mark.parametrize(
    ("run_id", "code"),
    [
        ("", "INVALID_PARAMETER_VALUE"),
        ("../a", "INVALID_PARAMETER_VALUE"),
        ("-a", "INVALID_PARAMETER_VALUE"),
        ("x" * 257, "INVALID_PARAMETER_VALUE"),
        ("abc", "RESOURCE_DOES_NOT_EXIST"),
        ("A" * 32, "RESOURCE_DOES_NOT_EXIST"),
        ("a" * 32 + "\n", "RESOURCE_DOES_NOT_EXIST"),
    ],
)
def test_ids_that_no_run_of_ours_has(run_id: str, code: str) -> None:
    with pytest.raises(ProtocolError) as error:
        run_id_parse(run_id)
    assert error.value.error_code == code


def test_experiment_ids() -> None:
    assert experiment_id_parse("12") == 12
    assert experiment_id_parse("") == 0
    assert experiment_ids_parse(["3", 4, str(2**70)]) == [3, 4]
    for bad, code in (
        ("abc", "INVALID_PARAMETER_VALUE"),
        ("1/2", "INVALID_PARAMETER_VALUE"),
        ("9" * 30, "RESOURCE_DOES_NOT_EXIST"),
    ):
        with pytest.raises(ProtocolError) as error:
            experiment_id_parse(bad)
        assert error.value.error_code == code
    with pytest.raises(ProtocolError, match="must be a valid integer"):
        experiment_ids_parse(["1", "x"])


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc", "/etc", "etc", "s3://bucket/x", "http://h/x", "mlflow-artifacts://host/a",
        "MLFLOW-ARTIFACTS:/a", "mlflow-artifacts:/", "mlflow-artifacts:a", "mlflow-artifacts:/a/../b",
        "mlflow-artifacts:/a/%2e%2e/b",
        "mlflow-artifacts:/a/%252e%252e/b", "mlflow-artifacts:/a\\..\\b", "mlflow-artifacts:/a%5c..%5cb",
        "mlflow-artifacts:/a#b", "mlflow-artifacts:/a?b", "mlflow-artifacts:/a;b", "mlflow-artifacts:////a",
        "mlflow-artifacts:/a//b", "mlflow-artifacts:/a/./b", "runs:/x", "http:///#/../../etc",
        "mlflow-artifacts:/a\x00b",
        "mlflow-artifacts:/" + "%25" * 40 + "2e", "mlflow-artifacts:/" + "a" * 600, "mlflow-artifacts:/a%00b",
    ],
)  # fmt: skip
def test_locations_outside_the_portals_root_are_refused(location: str) -> None:
    with pytest.raises(ProtocolError, match=r"location|artifact path"):
        artifact_location_checked(location)


def test_locations_inside_are_kept() -> None:
    assert artifact_location_checked(None) is None
    assert artifact_location_checked("") is None
    assert artifact_location_checked("mlflow-artifacts:/a/b/") == "mlflow-artifacts:/a/b"
    with pytest.raises(ProtocolError, match="under mlflow-artifacts:/3"):
        artifact_location_checked("mlflow-artifacts:/30/x", root="mlflow-artifacts:/3")

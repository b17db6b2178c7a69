"""Ids as they come in a request: text of any kind, which must be told apart from an id of ours."""

import re
from collections.abc import Iterable
from uuid import UUID

from experiments.validation.values import INT64, invalid_value
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError, invalid_parameter

_RUN_ID = re.compile(r"^[a-zA-Z0-9][\w\-]{0,255}$")
_OUR_RUN_ID = re.compile(r"[0-9a-f]{32}")


def run_id_parse(run_id: str, path: str = "run_id") -> UUID:
    """The id of a run, for calls that refuse a text that no run can have, as MLflow's batches do."""
    if _RUN_ID.match(run_id) is None:
        raise invalid_parameter(invalid_value(path, run_id))
    return run_id_find(run_id)


def run_id_find(run_id: str) -> UUID:
    """The id of a run, for calls that look for it: whatever is no id of ours does not exist."""
    if _OUR_RUN_ID.fullmatch(run_id) is None:
        raise ProtocolError(f"Run with id={run_id} not found", RESOURCE_DOES_NOT_EXIST)
    return UUID(run_id)


def experiment_id_parse(experiment_id: str) -> int:
    """The number of an experiment; an empty id stands for the default experiment, 0."""
    if not experiment_id:
        return 0
    number = _number(experiment_id)
    if not INT64[0] <= number <= INT64[1]:
        raise ProtocolError(f"No Experiment with id={experiment_id} exists", RESOURCE_DOES_NOT_EXIST)
    return number


def experiment_ids_parse(experiment_ids: Iterable[str | int]) -> list[int]:
    """The numbers of experiments to search in; one too large for any experiment is left out."""
    numbers = [_number(experiment_id) for experiment_id in experiment_ids]
    return [number for number in numbers if INT64[0] <= number <= INT64[1]]


def _number(experiment_id: str | int) -> int:
    try:
        return int(experiment_id)
    except ValueError:
        raise invalid_parameter(
            f"Invalid experiment ID '{str(experiment_id)[:100]}'. Experiment ID must be a valid integer."
        ) from None

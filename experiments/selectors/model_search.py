"""Which logged models a search finds, in order."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.search.keyset import SortKey, query_digest
from experiments.search.model_language import model_filter_parse, model_order_parse
from experiments.search.model_sql import ModelStatement
from experiments.search.paging import page_of
from experiments.selectors.experiment_search import searched_experiments
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import invalid_parameter

DEFAULT_RESULTS = 50
MAX_DATASETS = 20


def logged_models_search(
    actor: Actor,
    *,
    experiment_ids: Sequence[str | int],
    filter_string: str | None = None,
    datasets: Sequence[Mapping[str, Any]] = (),
    order_by: Sequence[Mapping[str, Any]] = (),
    max_results: int = DEFAULT_RESULTS,
    page_token: str | None = None,
) -> tuple[list[str], str | None]:
    """The ids of the logged models of one page, and the token of the next page.

    `datasets` hold dataset_name and dataset_digest, `order_by` field_name, ascending and the two. Models of
    workspaces that the actor does not see are as if absent. Raises ProtocolError.
    """
    _datasets_check(datasets)
    comparisons = model_filter_parse(filter_string)
    orderings = model_order_parse(order_by)
    experiments = searched_experiments(actor, experiment_ids)

    def whole() -> tuple[ModelStatement, list[SortKey]]:
        statement = ModelStatement(experiments, actor.workspace_ids, datasets)
        statement.filter(comparisons)
        return statement, statement.sort_keys(orderings)

    return page_of(
        "m.id FROM experiments_loggedmodel m",
        [whole] if experiments else [],
        digest=query_digest("models", experiments, filter_string or "", list(datasets), list(order_by)),
        page_token=page_token,
        max_results=max_results,
    )


def _datasets_check(datasets: Sequence[Mapping[str, Any]]) -> None:
    if not all(dataset.get("dataset_name") for dataset in datasets):
        raise invalid_parameter("`dataset_name` in the `datasets` clause must be specified.")
    if len(datasets) > MAX_DATASETS:
        raise invalid_parameter(f"At most {MAX_DATASETS} datasets can be named in one search.")

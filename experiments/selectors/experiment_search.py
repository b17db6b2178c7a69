"""Which experiments a search finds, in order."""

from collections.abc import Iterable, Sequence

from experiments.search.experiment_language import experiment_filter_parse, experiment_order_parse
from experiments.search.experiment_sql import experiment_sort_keys, experiment_statement
from experiments.search.keyset import query_digest
from experiments.search.paging import page_of
from experiments.selectors.experiments import DEFAULT_ID, experiments_visible
from experiments.validation.identifiers import experiment_ids_parse
from portal.accounts.actor import Actor


def experiments_search(
    actor: Actor,
    *,
    max_results: int,
    filter_string: str | None = None,
    order_by: Sequence[str] = (),
    view_type: str = "ACTIVE_ONLY",
    page_token: str | None = None,
) -> tuple[list[int], str | None]:
    """The ids of the experiments of one page in workspaces that the actor sees, and the next page's token.

    Raises ProtocolError on a bad filter, order, limit or token.
    """
    comparisons = experiment_filter_parse(filter_string)
    orderings = experiment_order_parse(order_by)
    return page_of(
        "e.id FROM experiments_experiment e",
        [
            lambda: (
                experiment_statement(actor.workspace_ids, view_type, comparisons),
                experiment_sort_keys(orderings),
            )
        ],
        digest=query_digest("experiments", filter_string or "", list(order_by), view_type),
        page_token=page_token,
        max_results=max_results,
    )


def searched_experiments(actor: Actor, experiment_ids: Iterable[str | int]) -> list[int]:
    """The numbers of the experiments to search in; 0 stands for the default ones that the actor sees."""
    numbers = set(experiment_ids_parse(experiment_ids))
    if DEFAULT_ID in numbers:
        defaults = experiments_visible(actor).filter(is_default=True)
        numbers = (numbers - {DEFAULT_ID}) | set(defaults.values_list("pk", flat=True))
    return sorted(numbers)

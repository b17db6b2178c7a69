"""Which experiments a search finds, in order."""

from collections.abc import Sequence

from experiments.search.experiment_language import experiment_filter_parse, experiment_order_parse
from experiments.search.experiment_sql import experiment_sort_keys, experiment_statement
from experiments.search.keyset import query_digest
from experiments.search.paging import page_of
from portal.accounts.actor import Actor


def experiment_ids_search(
    actor: Actor,
    *,
    max_results: int,
    filter_string: str | None = None,
    order_by: Sequence[str] = (),
    view_type: str = "ACTIVE_ONLY",
    page_token: str | None = None,
    workspace_ids: Sequence[int] | None = None,
) -> tuple[list[int], str | None]:
    """The ids of the experiments of one page, and the token of the next page.

    Only experiments in workspaces that the actor sees, and of these in `workspace_ids` where given.
    Raises ProtocolError on a bad filter, order, limit or token.
    """
    comparisons = experiment_filter_parse(filter_string)
    orderings = experiment_order_parse(order_by)
    scope = _scope(actor.workspace_ids, workspace_ids)
    return page_of(
        "e.id FROM experiments_experiment e",
        [
            lambda: (
                experiment_statement(scope, view_type, comparisons),
                experiment_sort_keys(orderings),
            )
        ],
        digest=query_digest("experiments", filter_string or "", list(order_by), view_type, workspace_ids),
        page_token=page_token,
        max_results=max_results,
    )


def _scope(visible: Sequence[int] | None, asked: Sequence[int] | None) -> list[int] | None:
    if visible is None:
        return None if asked is None else list(asked)
    return [workspace for workspace in visible if asked is None or workspace in asked]

"""Which runs a search finds, in order; the searches for experiments and logged models stand beside it."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from experiments.search.keyset import query_digest
from experiments.search.paging import page_of
from experiments.search.run_bands import RunQuery, bands_of
from experiments.search.run_language import run_filter_parse, run_order_parse
from experiments.selectors.experiment_search import experiments_search, searched_experiments
from experiments.selectors.model_search import logged_models_search
from portal.accounts.actor import Actor

__all__ = ["experiments_search", "logged_models_search", "run_ids_search"]

DEFAULT_RESULTS = 1_000


def run_ids_search(
    actor: Actor,
    *,
    experiment_ids: Sequence[str | int],
    filter_string: str | None = None,
    order_by: Sequence[str] = (),
    view_type: str = "ACTIVE_ONLY",
    max_results: int = DEFAULT_RESULTS,
    page_token: str | None = None,
) -> tuple[list[UUID], str | None]:
    """The ids of the runs of one page, and the token of the next page.

    Runs of workspaces that the actor does not see are as if absent. `view_type` is ACTIVE_ONLY, DELETED_ONLY
    or ALL. Raises ProtocolError on a bad filter, order, limit or token.
    """
    query = RunQuery(
        experiments=searched_experiments(actor, experiment_ids),
        workspaces=actor.workspace_ids,
        view_type=view_type,
        comparisons=run_filter_parse(filter_string),
        orderings=run_order_parse(order_by),
    )
    digest = query_digest("runs", query.experiments, filter_string or "", list(order_by), view_type)
    parts = [partial(band, query) for band in bands_of(query)] if query.experiments else []
    return page_of(
        "r.id FROM experiments_run r",
        parts,
        digest=digest,
        page_token=page_token,
        max_results=max_results,
    )

"""Which runs a page is about: those that its address names, else those that its filter finds."""

from uuid import UUID

from django.http import QueryDict

from experiments.selectors.runs import runs_visible
from experiments.selectors.table_search import table_ids
from experiments.selectors.table_state import table_query
from experiments.web.table_address import state_of
from experiments.web.table_views import scope_of
from portal.accounts.actor import Actor

PICKED_AT_MOST = 200


def picked_runs(actor: Actor, query: QueryDict, *, limit: int = PICKED_AT_MOST) -> list[UUID]:
    """The runs of `?run=…&run=…`, else the first that the state of the runs table in the address finds, in its order.

    Runs that the actor does not see are passed over. Raises ProtocolError on a bad filter or order.
    """
    named = list(dict.fromkeys(query.getlist("run")))[:limit]
    if named:
        seen = {run_id.hex: run_id for run_id in runs_visible(actor, named)}
        return [seen[name] for name in named if name in seen]
    state = state_of(query, scope_of(actor, query).experiments)
    found, _ = table_ids(table_query(actor, state), page_token=None, limit=limit)
    return found

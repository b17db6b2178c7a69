"""Which runs a page is about: those that its address names, else those that its filter finds."""

from uuid import UUID

from django.http import QueryDict

from experiments.selectors.experiments import experiments_visible
from experiments.selectors.run_search import run_ids_search
from experiments.selectors.runs import runs_visible
from experiments.web.filters import TableState
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
    state = TableState.of(query)
    experiments = experiments_visible(actor).filter(
        pk__in=[text for text in query.getlist("experiment") if text.isdecimal() and len(text) < 19]
    )
    found, _ = run_ids_search(
        actor, experiment_ids=list(experiments.values_list("pk", flat=True)), filter_string=state.whole_filter,
        order_by=[state.order_by] if state.order_by else [], view_type=state.view_type, max_results=limit,
    )  # fmt: skip
    return found

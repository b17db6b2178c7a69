"""Acts on the runs that are chosen in a table: each is one operation, whether two runs are chosen or all that match."""

import re
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from experiments.models import Run
from experiments.selectors.runs import run_get, runs_visible
from experiments.selectors.table_search import few_ids, table_ids
from experiments.selectors.table_state import table_query
from experiments.services.browsing import run_mark
from experiments.services.run_sets import (
    ACTED_ON_AT_MOST,
    EXPORTED_AT_MOST,
    runs_delete,
    runs_export,
    runs_restore,
    runs_tag,
)
from experiments.services.runs import run_update
from experiments.web.exports import FORMS, export_answer
from experiments.web.forms import NameForm
from experiments.web.table_address import state_of, state_text
from experiments.web.table_views import scope_of
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, InvalidInput, NotFound
from portal.routing import page

COMPARED_AT_MOST = 200
_HEX = re.compile(r"[0-9a-f]{32}")


@page("experiments.run.read")
@require_POST
def run_acts(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Do `act` to the runs of `run` and `runs` (ids with commas), or with `every=1` to all that `state` finds."""
    wanted, state = request.POST.get("act", ""), QueryDict(request.POST.get("state", "").lstrip("?"))
    back = _back(request)
    try:
        if wanted in ("compare", "charts"):
            return _compare(request, state, wanted)
        ids = _chosen(request, state, EXPORTED_AT_MOST if wanted == "export" else ACTED_ON_AT_MOST)
        workspace = _workspace(ids)
        if wanted == "export":
            return _export(request, state, ids, workspace)
    except NotFound:
        raise
    except DomainError as no:
        messages.error(request, no.detail)
        return redirect(back)
    change, said = _change(request, wanted, ids, workspace, state_text(state))
    return act(request, change, said=said, then=back)


@page("experiments.run.mark")
@require_POST
def run_mark_set(request: PageRequest, run_id: str) -> JsonResponse:
    """Star a run (`star=1|0`), or give it a colour for oneself (`colour=1…12`, empty for its own)."""
    run, star, colour = run_get(request.actor, run_id), request.POST.get("star"), request.POST.get("colour")
    if colour and not (colour.isdecimal() and len(colour) < 4):
        raise InvalidInput("A colour is a number.")
    run_mark(
        actor=request.actor, run=run, is_starred=None if star is None else star == "1",
        colour=int(colour) if colour else None, keep_colour=colour is None,
    )  # fmt: skip
    return JsonResponse({"starred": star, "colour": colour})


@page("experiments.run.update")
@require_POST
def run_name_set(request: PageRequest, run_id: str) -> JsonResponse:
    """Give a run another name where it stands in a table; the answer is the name, or why it stays."""
    run, form = run_get(request.actor, run_id), NameForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"detail": "A run's name has 1 to 250 characters."}, status=400)
    name, seen = form.cleaned_data["name"], form.cleaned_data["before"]
    try:
        run_update(actor=request.actor, run=run, name=name, expected_name=seen)
    except NotFound:
        raise
    except DomainError as no:
        return JsonResponse({"detail": no.detail}, status=no.status)
    return JsonResponse({"name": name})


def _change(
    request: PageRequest, wanted: str, ids: list[UUID], workspace: Workspace, found_by: str
) -> tuple[Callable[[], int], str]:
    actor, count = request.actor, f"{len(ids):,} run{'' if len(ids) == 1 else 's'}"
    if wanted == "delete":
        said = f"{count} deleted. They stand under deleted, from where they can be restored."
        return lambda: runs_delete(actor=actor, workspace=workspace, run_ids=ids, found_by=found_by), said
    if wanted == "restore":
        said = f"{count} restored."
        return lambda: runs_restore(actor=actor, workspace=workspace, run_ids=ids, found_by=found_by), said
    if wanted in ("tag", "untag"):
        key, value = request.POST.get("key", "").strip(), request.POST.get("value", "")
        said = f"{count}: tag {key} {'set' if wanted == 'tag' else 'removed'}."
        given = value if wanted == "tag" else None
        return lambda: runs_tag(
            actor=actor, workspace=workspace, run_ids=ids, key=key, value=given, found_by=found_by
        ), said
    raise InvalidInput("Say what is to be done with these runs: tag, untag, delete, restore or export.")


def _chosen(request: PageRequest, state: QueryDict, at_most: int) -> list[UUID]:
    """The ids of the runs that are meant, no others than those that the actor sees."""
    if request.POST.get("every") == "1":
        query = table_query(request.actor, state_of(state, scope_of(request.actor, state).experiments))
        found = few_ids(query, at_most)
        if found is None:
            raise InvalidInput(f"More than {at_most:,} runs match. Narrow the filter.")
        return found
    found = runs_visible(request.actor, list(dict.fromkeys(_named(request))))
    if not found:
        raise InvalidInput("No run is chosen. Tick some first.")
    return found


def _workspace(ids: list[UUID]) -> Workspace:
    found = list(Workspace.objects.filter(pk__in=Run.objects.filter(pk__in=ids).values("workspace_id"))[:2])
    if len(found) != 1:
        raise InvalidInput("These runs are of several workspaces. Choose runs of one workspace at a time.")
    return found[0]


def _compare(request: PageRequest, state: QueryDict, wanted: str) -> HttpResponse:
    """To the page that compares: with the chosen runs in its address, else with the search."""
    named = [name for name in _named(request) if _HEX.fullmatch(name)]
    if named and request.POST.get("every") != "1":
        query = [("run", name) for name in dict.fromkeys(named)][:COMPARED_AT_MOST]
    else:
        query = [pair for pair in _pairs(state) if pair[0] not in ("columns", "pinned")]
    try:
        address = reverse("runs-compare")
    except NoReverseMatch:
        raise InvalidInput("This installation has no page that compares runs.") from None
    return redirect(f"{address}?{urlencode([*query, *([('show', 'charts')] if wanted == 'charts' else [])])}")


def _named(request: PageRequest) -> list[str]:
    return [*request.POST.getlist("run"), *request.POST.get("runs", "").split(",")]


def _pairs(state: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in state.lists() for value in values]


def _export(
    request: PageRequest, state: QueryDict, ids: list[UUID], workspace: Workspace
) -> StreamingHttpResponse:
    form = request.POST.get("form", "csv")
    if form not in FORMS:
        raise InvalidInput(f"Runs are exported as {', '.join(FORMS)}.")
    asked = state_of(state, scope_of(request.actor, state).experiments)
    runs_export(actor=request.actor, workspace=workspace, run_ids=ids, form=form, found_by=state_text(state))
    return export_answer(request.actor, _in_order(request.actor, state, ids), asked.columns, form)


def _in_order(actor: Actor, state: QueryDict, ids: list[UUID]) -> list[UUID]:
    """As the table has them, as far as it finds them."""
    query = table_query(actor, state_of(state, scope_of(actor, state).experiments))
    wanted, token, ordered = set(ids), None, list[UUID]()
    while len(ordered) < len(ids):
        found, token = table_ids(query, page_token=token, limit=5_000)
        ordered += [run_id for run_id in found if run_id in wanted]
        if token is None:
            break
    seen = set(ordered)
    return [*ordered, *(run_id for run_id in ids if run_id not in seen)]


def _back(request: PageRequest) -> str:
    back = request.POST.get("back", "/runs")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else "/runs"

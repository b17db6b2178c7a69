"""Reads of batch scorings."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from deployments.facts import LIVE
from deployments.models import BatchScoring, Endpoint, Revision, Traffic
from deployments.selectors.endpoints import endpoint_get
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from registry.models import ModelVersion
from registry.selectors.models import version_get

PAGE_ROWS = 50


def scorings_visible(actor: Actor) -> QuerySet[BatchScoring]:
    """The scorings that the actor may see, newest first."""
    found = BatchScoring.objects.select_related(
        "workspace", "version__model__workspace", "dataset__asset", "result__asset", "job", "endpoint", "revision",
        "requested_by",
    ).defer("version__manifest", "dataset__manifest", "result__manifest")  # fmt: skip
    found = found.order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def scoring_get(actor: Actor, scoring_id: UUID) -> BatchScoring:
    """One scoring. Raises NotFound when there is none, or the actor may not see it."""
    found = scorings_visible(actor).filter(pk=scoring_id).first()
    if found is None:
        raise NotFound("No such scoring, or you may not see it.")
    return found


def scoring_rows(
    actor: Actor, *, workspace: str = "", page_token: str = ""
) -> tuple[list[BatchScoring], str | None]:
    """The scorings of one page, newest first, and the token of the next page."""
    found = scorings_visible(actor)
    if page_token:
        try:
            found = found.filter(pk__lt=UUID(hex=page_token))
        except ValueError:
            raise InvalidInput(
                "The page token is not one of this list. Start again from the first page."
            ) from None
    if workspace:
        found = found.filter(workspace__name=workspace)
    rows = list(found[: PAGE_ROWS + 1])
    return rows[:PAGE_ROWS], rows[PAGE_ROWS - 1].pk.hex if len(rows) > PAGE_ROWS else None


def named_with(
    actor: Actor, workspace: Workspace, given: Mapping[str, Any]
) -> tuple[ModelVersion, str, Revision | None]:
    """The version that is meant, its environment, and the revision by which an endpoint names it.

    `given` has `endpoint`, or `model`, `version` and `environment`. Raises NotFound, and Conflict for an endpoint that
    serves nothing.
    """
    if not given.get("endpoint"):
        version = version_get(actor, given["model"], given["version"], workspace_id=workspace.pk)
        return version, given["environment"], None
    endpoint = endpoint_get(actor, given["endpoint"])
    if endpoint.workspace_id != workspace.pk:
        raise NotFound(f"No endpoint {endpoint.name} in {workspace.name}, or you may not see it.")
    revision = revision_serving(endpoint)
    return revision.version, endpoint.environment, revision


def revision_serving(endpoint: Endpoint) -> Revision:
    """The revision that answers most of an endpoint's requests now. Raises Conflict where none does, or may."""
    if endpoint.is_stopped:
        raise Conflict(f"{endpoint} is stopped: {endpoint.stop_reason}"[:300], code="stopped")
    serving = Traffic.objects.filter(endpoint=endpoint, role=LIVE, valid_to=None)
    related = serving.select_related("revision__version__model__workspace", "revision__endpoint")
    first = related.order_by("-percent", "-revision__number").first()
    if first is None:
        raise Conflict(
            f"Nothing serves at {endpoint}, so there is no version to score with.", code="nothing_serves"
        )
    return first.revision

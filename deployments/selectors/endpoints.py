"""Reads of endpoints, their revisions, their traffic and their roll-outs."""

from django.db.models import F, Prefetch, QuerySet

from compliance.models.approvals import EFFECTIVE
from deployments.facts import FAILED, LIVE
from deployments.models import Endpoint, KillDrill, Revision, Rollout, Traffic
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, NotFound
from registry.models import ModelVersion
from registry.selectors.models import version_get

# What lists say of what serves, in the row itself: models of revision, version and model cost more than all else there.
_SERVED = {
    "number": F("revision__number"), "version": F("revision__version__version"),
    "model": F("revision__version__model__name"),
}  # fmt: skip


def endpoints_visible(actor: Actor) -> QuerySet[Endpoint]:
    """The endpoints that the actor may see, newest first, with the traffic that they have now as `current`."""
    now_served = (
        Traffic.objects.filter(valid_to=None).annotate(**_SERVED).order_by("role", "revision__number")
    )
    found = Endpoint.objects.filter(deleted_at=None).select_related("workspace", "owner").order_by("-id")
    shown = now_served.only("endpoint_id", "role", "percent", "valid_from")
    found = found.prefetch_related(Prefetch("traffic", shown, to_attr="current"))
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def endpoint_get(actor: Actor, name: str) -> Endpoint:
    """One endpoint by its name. Raises NotFound when there is none, or the actor may not see it."""
    found = endpoints_visible(actor).filter(name=name).first()
    if found is None:
        raise NotFound("No such endpoint, or you may not see it.")
    return found


def revisions_of(endpoint: Endpoint) -> QuerySet[Revision]:
    """The revisions of an endpoint, newest first."""
    related = ("version__model__workspace", "approval__request", "created_by", "endpoint")
    return Revision.objects.filter(endpoint=endpoint).select_related(*related).order_by("-number")


def revision_get(endpoint: Endpoint, number: int) -> Revision:
    """One revision by number. Raises NotFound."""
    found = revisions_of(endpoint).filter(number=number).first()
    if found is None:
        raise NotFound(f"The endpoint {endpoint} has no revision {number}.")
    return found


def traffic_of(endpoint: Endpoint) -> QuerySet[Traffic]:
    """All that ever served, newest first."""
    found = Traffic.objects.filter(endpoint=endpoint).select_related("revision__version__model", "endpoint")
    return found.annotate(**_SERVED).order_by("-valid_from", "-id")


def traffic_now(endpoint: Endpoint) -> list[Traffic]:
    """What serves at an endpoint, with its versions."""
    return list(traffic_of(endpoint).filter(valid_to=None).order_by("role", "revision__number"))


def rollouts_of(endpoint: Endpoint) -> QuerySet[Rollout]:
    """The roll-outs of an endpoint, newest first."""
    found = Rollout.objects.filter(endpoint=endpoint).select_related("revision__version__model", "endpoint")
    return found.order_by("-id")


def rollout_now(endpoint: Endpoint) -> Rollout:
    """The roll-out that goes on. Raises Conflict where there is none."""
    found = rollouts_of(endpoint).filter(ended_at=None).first()
    if found is None:
        raise Conflict(f"No roll-out goes on at {endpoint}.", code="no_rollout")
    return found


def drills_of(endpoint: Endpoint) -> QuerySet[KillDrill]:
    """The drills of the kill switch, newest first."""
    return KillDrill.objects.filter(endpoint=endpoint).order_by("-id")


def version_of(actor: Actor, endpoint: Endpoint, model: str, number: int) -> ModelVersion:
    """A version of a model in the workspace of the endpoint. Raises NotFound."""
    return version_get(actor, model, number, workspace_id=endpoint.workspace_id)


def revision_before(endpoint: Endpoint, number: int | None = None) -> Revision:
    """Where a roll-back goes: the revision that is named, or the last one that served before and may serve again.

    Raises NotFound for a number that is none, Conflict (`nothing_before`) where nothing may.
    """
    if number is not None:
        return revision_get(endpoint, number)
    serving = Traffic.objects.filter(endpoint=endpoint, role=LIVE, valid_to=None)
    held = set(serving.values_list("revision_id", flat=True)) if serving.count() == 1 else set()
    newest = serving.order_by("-revision__number").values_list("revision__number", flat=True).first()
    served = Traffic.objects.filter(endpoint=endpoint, role=LIVE).exclude(revision_id__in=held)
    served = served.select_related("revision__approval", "revision__version__model")
    for each in served.order_by("-valid_from", "-revision__number"):
        found = each.revision
        stands = found.approval is None or found.approval.state == EFFECTIVE
        if (
            found.number != newest
            and stands
            and found.observed_state != FAILED
            and not found.version.deleted_at
        ):
            return found
    raise Conflict(
        f"Nothing that served at {endpoint} before may serve again. Stop the endpoint, or deploy another version.",
        code="nothing_before",
    )

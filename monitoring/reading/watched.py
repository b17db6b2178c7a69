"""Whose requests a monitor looks at: those of all revisions, or of the one that a roll-out brings traffic to."""

from uuid import UUID

from deployments.facts import SHADOWING
from deployments.models import Revision, Rollout
from monitoring.facts import CANDIDATE
from monitoring.models import Monitor


def revision_watched(monitor: Monitor) -> Revision | None:
    """The candidate, for a monitor of candidates while a roll-out goes on; None means all live requests.

    In a canary of five percent, what is wrong with the candidate is a twentieth of what the endpoint shows. A shadow
    answers nobody, so it is no candidate.
    """
    if monitor.settings.get("of") != CANDIDATE:
        return None
    going = Rollout.objects.filter(endpoint=monitor.endpoint_id, ended_at=None).exclude(strategy=SHADOWING)
    rollout = going.select_related("revision__version__model", "revision__version__logged_model").first()
    return rollout.revision if rollout else None


def watched_id(monitor: Monitor) -> UUID | None:
    """The id of that revision."""
    found = revision_watched(monitor)
    return found.pk if found else None

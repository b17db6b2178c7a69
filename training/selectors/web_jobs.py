"""Trainings as pages show them."""

from uuid import UUID

from django.db.models import QuerySet

from jobs.models import ACTIVE_STATES
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from training.models import TrainingJob
from training.selectors.jobs import training_visible

PAGE_ROWS = 50
ACTIVE = "active"


def training_rows(
    actor: Actor, *, text: str = "", workspace: str = "", state: str = "", page_token: str = ""
) -> tuple[list[TrainingJob], str | None]:
    """The trainings of one page, newest first, and the token of the next page."""
    found = _before(training_visible(actor), page_token)
    if text:
        found = found.filter(name__icontains=text)
    if workspace:
        found = found.filter(workspace__name=workspace)
    if state:
        found = found.filter(job__state__in=ACTIVE_STATES if state == ACTIVE else (state,))
    rows = list(found.defer("spec", "seen", "environment__lock", "code__diff")[: PAGE_ROWS + 1])
    return rows[:PAGE_ROWS], rows[PAGE_ROWS - 1].pk.hex if len(rows) > PAGE_ROWS else None


def _before(found: QuerySet[TrainingJob], token: str) -> QuerySet[TrainingJob]:
    if not token:
        return found
    try:
        return found.filter(pk__lt=UUID(hex=token))
    except ValueError:
        raise InvalidInput(
            "The page token is not one of this list. Start again from the first page."
        ) from None

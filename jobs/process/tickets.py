"""A ticket lets its holder open the stream of one log within a minute: the events process knows no tokens."""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from portal.accounts.actor import Actor
from portal.kernel.errors import Unauthenticated

TICKET_SECONDS = 60
_SALT = "jobs.log"


@dataclass(frozen=True)
class Ticket:
    """Who may follow which log, and from where."""

    user_id: int | None
    token_id: UUID | None
    job_id: UUID
    attempt: int
    offset: int


def ticket_issue(actor: Actor, job_id: UUID, attempt: int, offset: int) -> str:
    """For an actor who was just allowed to read this log."""
    token = None if actor.token_id is None else str(actor.token_id)
    return signing.dumps([actor.user_id, token, str(job_id), attempt, offset], salt=_SALT, compress=False)


def ticket_read(text: str) -> Ticket:
    """Raises Unauthenticated."""
    try:
        user_id, token, job_id, attempt, offset = signing.loads(text, salt=_SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature as error:
        raise Unauthenticated("The ticket is not valid any more. Ask for the log again.") from error
    return Ticket(user_id, UUID(token) if token else None, UUID(job_id), attempt, offset)

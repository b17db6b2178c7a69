"""A ticket lets a person in the browser ask an endpoint within a minute: gateways know no sessions."""

from django.core import signing

from deployments.models import Endpoint
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.api.call import narrowed
from portal.kernel.errors import Unauthenticated

INVOKE = "deployments.endpoint.invoke"
TICKET_SECONDS = 60
SCHEME = "Ticket "
_SALT = "deployments.try"


def ticket_issue(actor: Actor, endpoint: Endpoint) -> str:
    """What goes into the Authorization header, for a person who was just allowed to ask this endpoint."""
    return SCHEME + signing.dumps([actor.user_id, endpoint.workspace_id], salt=_SALT)


def ticket_actor(shown: str) -> Actor:
    """Who a ticket stands for, with the roles that they have now, in the workspace of the endpoint. Raises
    Unauthenticated."""
    try:
        user_id, workspace_id = signing.loads(shown.removeprefix(SCHEME), salt=_SALT, max_age=TICKET_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Unauthenticated("The ticket is not valid any more. Load the page again.") from error
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Unauthenticated("The account of this ticket is not active any more.")
    return narrowed(Actor.of_user(user), workspace_id)

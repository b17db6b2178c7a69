"""The inbox of the reader."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from compliance.selectors.web_inbox import inbox
from portal.answers import PageRequest, whole_or_fragment
from portal.routing import page


@page("compliance.inbox.read")
@require_GET
def inbox_page(request: PageRequest) -> HttpResponse:
    """What waits for the reader, the first due on top."""
    items = inbox(request.actor)
    return whole_or_fragment(request, "compliance/inbox.html", "compliance/_inbox.html", {"items": items})

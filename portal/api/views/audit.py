"""The audit log, as far as the caller may read it."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import words_of
from portal.api.serializers import EventOutput, EventQuery
from portal.audit.selectors import entry, event_list
from portal.operations import read_logged


class EventList(ApiView):
    """Events, newest first; filter by workspace, object, actor, action or outcome."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.event.list"}
    inputs: ClassVar[Serializers] = {"GET": EventQuery}
    outputs: ClassVar[Serializers] = {"GET": EventOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        paging: dict[str, Any] = {
            name: given.pop(name) for name in ("limit", "cursor", "format") if name in given
        }
        if "workspace" in given:
            given["workspace_id"] = workspace_get(self.actor, given.pop("workspace")).pk
        read_logged(actor=self.actor, action="audit.event.list", detail=words_of(given))
        return self.page(event_list(self.actor).filter(**given), paging, shown=entry)

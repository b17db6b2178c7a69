"""Legal holds, retention classes, access reviews, and the inbox, under /api/v1/."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.keeping_serializers import (
    HoldInput,
    HoldOutput,
    HoldQuery,
    InboxOutput,
    RetentionListOutput,
    ReviewCompletionInput,
    ReviewDecisionInput,
    ReviewInput,
    ReviewOutput,
    ReviewQuery,
)
from compliance.api.reasons import ReasonInput
from compliance.retention import retention_classes
from compliance.reviewing import grant_decide
from compliance.selectors.access_reviews import access_review_get, access_review_list
from compliance.selectors.holds import hold_get, hold_list
from compliance.selectors.web_inbox import inbox
from compliance.services.access_reviews import access_review_complete, access_review_start
from compliance.services.holds import HeldThing, hold_place, hold_release
from portal.accounts.selectors import member_candidate, workspace_get
from portal.api.base import ApiView, Serializers


class HoldList(ApiView):
    """The legal holds that you see, newest first; and placing one."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.hold.list", "POST": "compliance.hold.place"}
    inputs: ClassVar[Serializers] = {"GET": HoldQuery, "POST": HoldInput}
    outputs: ClassVar[Serializers] = {"GET": HoldOutput, "POST": HoldOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        found = hold_list(self.actor, released=given.get("is_released"))
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace, reason = workspace_get(self.actor, given.pop("workspace")), given.pop("reason")
        thing = HeldThing(workspace_id=workspace.pk, **given)
        return self.answer(hold_place(actor=self.actor, thing=thing, reason=reason), status=201)


class HoldReleases(ApiView):
    """Let go of what is held, for a reason."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.hold.release"}
    inputs: ClassVar[Serializers] = {"POST": ReasonInput}
    outputs: ClassVar[Serializers] = {"POST": HoldOutput}

    def post(self, request: Request, hold: UUID) -> Response:
        found = hold_get(self.actor, hold)
        return self.answer(
            hold_release(actor=self.actor, hold=found, reason=self.given["reason"]), status=201
        )


class RetentionClasses(ApiView):
    """What the portal keeps, for how long, and what ends it."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.retention.list"}
    outputs: ClassVar[Serializers] = {"GET": RetentionListOutput}

    def get(self, request: Request) -> Response:
        return self.answer({"items": retention_classes()})


class ReviewList(ApiView):
    """The access reviews that you see, newest first; and starting one."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.access_review.list",
        "POST": "compliance.access_review.start",
    }
    inputs: ClassVar[Serializers] = {"GET": ReviewQuery, "POST": ReviewInput}
    outputs: ClassVar[Serializers] = {"GET": ReviewOutput, "POST": ReviewOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, access_review_list(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        workspace = workspace_get(self.actor, self.given["workspace"])
        return self.answer(access_review_start(actor=self.actor, workspace=workspace), status=201)


class ReviewOne(ApiView):
    """One access review with every grant as it was seen."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.access_review.read"}
    outputs: ClassVar[Serializers] = {"GET": ReviewOutput}

    def get(self, request: Request, review: UUID) -> Response:
        return self.answer(access_review_get(self.actor, review))


class ReviewDecisions(ApiView):
    """Keep a grant, or take it away at once."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.access_review.decide"}
    inputs: ClassVar[Serializers] = {"POST": ReviewDecisionInput}
    outputs: ClassVar[Serializers] = {"POST": ReviewOutput}

    def post(self, request: Request, review: UUID) -> Response:
        given, found = self.given, access_review_get(self.actor, review)
        user = member_candidate(self.actor, found.workspace, given.pop("username"))
        return self.answer(grant_decide(actor=self.actor, review=found, user=user, **given), status=201)


class ReviewCompletions(ApiView):
    """State what the review found; every grant has to be decided by then."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.access_review.complete"}
    inputs: ClassVar[Serializers] = {"POST": ReviewCompletionInput}
    outputs: ClassVar[Serializers] = {"POST": ReviewOutput}

    def post(self, request: Request, review: UUID) -> Response:
        found = access_review_get(self.actor, review)
        return self.answer(access_review_complete(actor=self.actor, review=found, **self.given), status=201)


class Inbox(ApiView):
    """What waits for you, what is due first on top."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.inbox.read"}
    outputs: ClassVar[Serializers] = {"GET": InboxOutput}

    def get(self, request: Request) -> Response:
        items = inbox(self.actor)
        return self.answer({"count": len(items), "items": items})

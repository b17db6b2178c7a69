"""AI systems under /api/v1/ai-systems."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.system_serializers import (
    ReclassifyInput,
    RetireInput,
    SystemChange,
    SystemInput,
    SystemOutput,
    SystemQuery,
)
from compliance.selectors.systems import system_get, systems_visible
from compliance.services.ai_systems import (
    NewSystem,
    system_create,
    system_reclassify,
    system_retire,
    system_update,
)
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers


class SystemList(ApiView):
    """The AI systems that you see, newest first; and recording one."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.system.list", "POST": "compliance.system.create"}
    inputs: ClassVar[Serializers] = {"GET": SystemQuery, "POST": SystemInput}
    outputs: ClassVar[Serializers] = {"GET": SystemOutput, "POST": SystemOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        found = systems_visible(self.actor).filter(retired_at__isnull=not given["is_retired"])
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "risk_tier" in given:
            found = found.filter(risk_tier=given["risk_tier"])
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        made = system_create(actor=self.actor, workspace=workspace, new=NewSystem(**given))
        return self.answer(made, status=201)


class SystemOne(ApiView):
    """One AI system."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.system.read", "PATCH": "compliance.system.update"}
    inputs: ClassVar[Serializers] = {"PATCH": SystemChange}
    outputs: ClassVar[Serializers] = {"GET": SystemOutput, "PATCH": SystemOutput}

    def get(self, request: Request, system_id: UUID) -> Response:
        return self.answer(system_get(self.actor, system_id))

    def patch(self, request: Request, system_id: UUID) -> Response:
        system, change = system_get(self.actor, system_id), self.given
        reason, version = change.pop("reason"), self.expected_version
        return self.answer(
            system_update(
                actor=self.actor, system=system, change=change, reason=reason, expected_version=version
            )
        )


class SystemReclassifications(ApiView):
    """Give a system another risk tier, also a lower one: for an approver who does not own it."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.system.reclassify"}
    inputs: ClassVar[Serializers] = {"POST": ReclassifyInput}
    outputs: ClassVar[Serializers] = {"POST": SystemOutput}

    def post(self, request: Request, system_id: UUID) -> Response:
        system = system_get(self.actor, system_id)
        changed = system_reclassify(
            actor=self.actor, system=system, expected_version=self.expected_version, **self.given
        )
        return self.answer(changed, status=201)


class SystemRetirements(ApiView):
    """End the use of a system."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.system.retire"}
    inputs: ClassVar[Serializers] = {"POST": RetireInput}
    outputs: ClassVar[Serializers] = {"POST": SystemOutput}

    def post(self, request: Request, system_id: UUID) -> Response:
        system = system_get(self.actor, system_id)
        return self.answer(system_retire(actor=self.actor, system=system, **self.given), status=201)

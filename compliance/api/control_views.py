"""The control catalogue, and what answers it for an AI system."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.control_serializers import (
    CatalogueOutput,
    ControlQuery,
    ControlStatementInput,
    StatementOutput,
    SystemCoverageOutput,
)
from compliance.controls.catalogue import catalogue
from compliance.controls.coverage import coverage_of
from compliance.selectors.systems import system_get
from compliance.services.evidence import evidence_attest
from compliance.services.statements import control_get, control_statement, system_subject
from portal.api.base import ApiView, Serializers


class Controls(ApiView):
    """The catalogue: what each framework asks, and how its entry was checked."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.control.list"}
    inputs: ClassVar[Serializers] = {"GET": ControlQuery}
    outputs: ClassVar[Serializers] = {"GET": CatalogueOutput}

    def get(self, request: Request) -> Response:
        found = catalogue()
        shown = {"frameworks": found.frameworks, "checked_marks": found.checked_marks}
        controls = found.of(self.given.get("framework", ""))
        return self.answer({**vars(found), **shown, "controls": controls})


class SystemControls(ApiView):
    """For each control: the fresh evidence that answers it, what is missing, and who must act."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.coverage.read"}
    inputs: ClassVar[Serializers] = {"GET": ControlQuery}
    outputs: ClassVar[Serializers] = {"GET": SystemCoverageOutput}

    def get(self, request: Request, system_id: UUID) -> Response:
        system = system_get(self.actor, system_id)
        return self.answer(coverage_of(self.actor, system, self.given.get("framework", "")))


class ControlStatements(ApiView):
    """State something for one control, where facts alone do not answer it."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.evidence.attest"}
    operation_ids: ClassVar[dict[str, str]] = {
        "POST": "compliance.control.attest"
    }  # the act has two addresses
    inputs: ClassVar[Serializers] = {"POST": ControlStatementInput}
    outputs: ClassVar[Serializers] = {"POST": StatementOutput}

    def post(self, request: Request, system_id: UUID, control_id: str) -> Response:
        system, control = system_get(self.actor, system_id), control_get(control_id)
        statement = control_statement(control, **self.given)
        made = evidence_attest(actor=self.actor, subject=system_subject(system), statement=statement)
        return self.answer(made, status=201)

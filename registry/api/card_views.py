"""Model cards under /api/v1/: read, edit by number, compare, exchange with SageMaker."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.kernel.errors import InvalidInput
from registry.api.addressed import VersionView
from registry.api.card_serializers import (
    CardInput,
    CardOutput,
    CardStateDetail,
    CardStateOutput,
    DifferencesOutput,
    DifferencesQuery,
)
from registry.api.evidence_serializers import AnyJson
from registry.cards.sagemaker import sagemaker_export, sagemaker_import
from registry.cards.schema import CARD_SCHEMA
from registry.cards.sections import differences
from registry.models import ModelVersion
from registry.selectors.cards import CardState, card_current, card_list, card_numbered
from registry.services.cards import card_edit

READ, EDIT = "registry.card.read", "registry.card.edit"


class _CardView(VersionView):
    @property
    def expected_number(self) -> int | None:
        """The number that an edit builds on, from If-Match."""
        text = self.expected_version
        if text is not None and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise InvalidInput('If-Match of a card is its number, such as "3".')
        return None if text is None else int(text)

    def shown(self, state: CardState) -> Response:
        body = {
            "number": state.number, "digest": state.row.digest if state.row else "", "content": state.content,
            "sections": state.sections,
        }  # fmt: skip
        return Response(CardOutput(body).data, headers={"ETag": f'"{state.number}"'})

    def saved(self, version: ModelVersion, content: Any, reason: str) -> Response:
        card = card_edit(
            actor=self.actor, model=version.model, version=version, content=content,
            expected_number=self.expected_number, reason=reason,
        )  # fmt: skip
        return self.shown(CardState(card.number, card.content, card))


class VersionCard(_CardView):
    """The card of a version. An edit is the next number; If-Match names the one that it builds on.

    It may be given in SageMaker's shape, as the content of a model card or the answer of DescribeModelCard.
    """

    actions: ClassVar[dict[str, str]] = {"GET": READ, "PUT": EDIT}
    inputs: ClassVar[Serializers] = {"PUT": CardInput}
    outputs: ClassVar[Serializers] = {"GET": CardOutput, "PUT": CardOutput}

    def get(self, request: Request, workspace: str, model: str, number: int) -> Response:
        return self.shown(card_current(self.actor, self.version(workspace, model, number)))

    def put(self, request: Request, workspace: str, model: str, number: int) -> Response:
        given, version = self.given, self.version(workspace, model, number)
        content = given["content"]
        if given["shape"] == "sagemaker":
            content = sagemaker_import(content, card_current(self.actor, version).content)
        return self.saved(version, content, given["reason"])


class VersionCardSageMaker(_CardView):
    """The card as the content of a SageMaker model card, without the sections that it has no place for."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.card.export"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson}

    def get(self, request: Request, workspace: str, model: str, number: int) -> Response:
        state = card_current(self.actor, self.version(workspace, model, number))
        return Response(sagemaker_export(state.content), headers={"ETag": f'"{state.number}"'})


class VersionCardStates(_CardView):
    """All states of a card, the newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.card.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": CardStateOutput}
    is_paged = True

    def get(self, request: Request, workspace: str, model: str, number: int) -> Response:
        return self.page(card_list(self.actor, self.version(workspace, model, number)), self.given)


class VersionCardState(_CardView):
    """One state of a card."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.card_state.read"}
    outputs: ClassVar[Serializers] = {"GET": CardStateDetail}

    def get(self, request: Request, workspace: str, model: str, number: int, card: int) -> Response:
        return self.answer(card_numbered(self.actor, self.version(workspace, model, number), card))


class VersionCardDifferences(_CardView):
    """What differs between two states of a card."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.card.compare"}
    inputs: ClassVar[Serializers] = {"GET": DifferencesQuery}
    outputs: ClassVar[Serializers] = {"GET": DifferencesOutput}

    def get(self, request: Request, workspace: str, model: str, number: int) -> Response:
        given, version = self.given, self.version(workspace, model, number)
        before, after = (card_numbered(self.actor, version, given[side]) for side in ("before", "after"))
        return self.answer({"items": differences(before.content, after.content)})


class CardSchema(ApiView):
    """The JSON schema of a model card."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.card_schema.read"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson}

    def get(self, request: Request) -> Response:
        return Response(CARD_SCHEMA)

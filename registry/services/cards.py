"""Changes of model cards. Every change is a new row; what a card said stays."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from compliance.evidence_kinds import INFO
from compliance.services.evidence import evidence_record
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, TooLarge
from portal.operations import Changed, effect, locked, operation
from registry.cards.schema import card_check
from registry.cards.sections import differences, sections_filled
from registry.gate.subjects import version_subject
from registry.models import ModelCard, ModelVersion, RegisteredModel
from registry.selectors.cards import card_newest

CARD_BYTES = 512 * 1024
_DIFFERENCES_TOLD = 50


@operation("registry.card.edit", on="model")
def card_edit(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, content: Mapping[str, Any],
    expected_number: int | None = None, reason: str = "",
) -> Changed[ModelCard]:  # fmt: skip
    """Save the next state of a version's card; the same content again changes nothing.

    Raises Conflict when the newest card is not number `expected_number`, and InvalidInput with the path of what does
    not fit. Open requests and unused approvals that stand on the old card end with it.
    """
    row: ModelVersion = locked(version)
    if row.deleted_at is not None or row.model_id != model.pk:
        raise NotFound(f"{version} does not exist any more.")
    current = card_newest(row)
    _number_check(version, current, expected_number)
    card_check(content)
    if current is not None and current.content == content:
        return Changed(current, before={}, after={}, subject=current)
    return _saved(actor, version, current, content, reason)


@effect("registry.card.prefill", on="model")
def card_begin(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, content: Mapping[str, Any]
) -> Changed[ModelCard | None]:
    """Make the first card of a version from what is known; one that is there already stays as it is."""
    row: ModelVersion = locked(version)
    if row.deleted_at is not None or card_newest(row) is not None:
        return Changed(None, before={}, after={})
    card_check(content)
    made = _saved(actor, version, None, content, "Filled from the run.")
    return Changed(made.result, made.before, made.after, made.subject)


def _number_check(version: ModelVersion, current: ModelCard | None, expected: int | None) -> None:
    number = current.number if current else 0
    if expected is not None and expected != number:
        raise Conflict(
            f"The card of {version} is number {number}, not {expected}: somebody else changed it. Load it again.",
            code="stale", number=number,
        )  # fmt: skip


def _saved(
    actor: Actor, version: ModelVersion, current: ModelCard | None, content: Mapping[str, Any], reason: str
) -> Changed[ModelCard]:
    made = ModelCard.objects.create(
        workspace_id=version.workspace_id, version=version, number=(current.number if current else 0) + 1,
        content=dict(content), digest=_digest(content), reason=reason[:1000], created_by_id=actor.user_id,
        created_at=now(),
    )  # fmt: skip
    _evidence(actor, version, made)
    changed = differences(current.content if current else {}, made.content)[:_DIFFERENCES_TOLD]
    told = {"number": made.number, "card": made.digest, "changed": [each["path"] for each in changed]}
    return Changed(made, before={}, after=told, subject=made)


def _evidence(actor: Actor, version: ModelVersion, card: ModelCard) -> None:
    subject, sections = version_subject(version), sections_filled(card.content)
    filled = [name for name, is_filled in sections.items() if is_filled]
    evidence_record(
        actor=actor, workspace_id=subject.workspace_id, subject_type=subject.type, subject_id=subject.id,
        subject_label=subject.label, subject_digest=subject.digest, kind="model_card", outcome=INFO,
        summary=f"Card {card.number} says something in {len(filled)} of {len(sections)} sections.",
        body={"number": card.number, "card": card.digest, "sections": sections}, source=f"card {card.number}",
    )  # fmt: skip


def _digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a card."""
    try:
        canonical = rfc8785.dumps(dict(content))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidInput(f"The card is no plain JSON: {error}.", code="invalid_card") from error
    if b"\\u0000" in canonical.replace(b"\\\\", b""):
        raise InvalidInput("The card holds a NUL character.", code="invalid_card")
    if len(canonical) > CARD_BYTES:
        raise TooLarge(f"The card is larger than {CARD_BYTES // 1024} KiB.")
    return hashlib.sha256(canonical).hexdigest()

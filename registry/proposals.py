"""Moves of aliases and stages as the gate sees them: rows held in the order of ADR 6, facts fresh."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from compliance.gates import Proposal, Target
from portal.kernel.errors import InvalidInput, NotFound
from portal.operations import locked
from registry.gate.subjects import version_subject
from registry.intervals import alias_current
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS, STAGE
from registry.selectors.facts import authors_of, move_facts
from registry.validation.names import alias_check, stage_parse

ALIAS_MOVE, STAGE_MOVE = "registry.alias.move", "registry.stage.move"


def alias_propose(subject_id: str, params: Mapping[str, Any]) -> Proposal:
    """`{"alias": name}`: let the alias mean this version."""
    alias = _text(params, "alias")
    alias_check(alias)
    model, version = version_hold(subject_id)
    return alias_proposal(model, version, alias)


def stage_propose(subject_id: str, params: Mapping[str, Any]) -> Proposal:
    """`{"stage": name, "archive_existing": bool}`: put this version into the stage."""
    stage = stage_parse(_text(params, "stage"))
    model, version = version_hold(subject_id)
    return stage_proposal(model, version, stage, archive_existing=params.get("archive_existing") is True)


def alias_proposal(model: RegisteredModel, version: ModelVersion, alias: str) -> Proposal:
    """The move of an alias to a version, both of which the caller holds."""
    target = Target(alias_key(model, alias), f"{alias} of {model.name}", ALIAS, alias)
    return _proposal(ALIAS_MOVE, model, version, target, alias_current(model, alias), {"alias": alias})


def stage_proposal(
    model: RegisteredModel, version: ModelVersion, stage: str, *, archive_existing: bool = False
) -> Proposal:
    """The move of a version to a stage. Several versions may share one, so its key names the version, too."""
    key = stage_key(version, stage) + ("+archive" if archive_existing else "")
    target = Target(key, f"{stage} of {model.name}", STAGE, stage)
    others = Assignment.objects.filter(model=model, kind=STAGE, name=stage, valid_to=None)
    held = others.exclude(version=version).select_related("version").order_by("-valid_from", "-id").first()
    params = {"stage": stage, "archive_existing": archive_existing}
    return _proposal(STAGE_MOVE, model, version, target, held, params)


def interval_proposal(model: RegisteredModel, interval: Assignment) -> Proposal:
    """The move that made an interval, as it would be proposed now."""
    version = interval.version
    version.model = model
    if interval.kind == ALIAS:
        return alias_proposal(model, version, interval.name)
    return stage_proposal(model, version, interval.name)


def alias_key(model: RegisteredModel, alias: str) -> str:
    return f"{model.pk.hex}:alias:{alias}"


def stage_key(version: ModelVersion, stage: str) -> str:
    return f"{version.model_id.hex}:stage:{stage}:{version.pk.hex}"


def interval_key(interval: Assignment) -> str:
    """What the approvals of an interval name as their target."""
    if interval.kind == ALIAS:
        return alias_key(interval.model, interval.name)
    return stage_key(interval.version, interval.name)


def version_hold(subject_id: str) -> tuple[RegisteredModel, ModelVersion]:
    """Hold a model and then its version, which is how everybody does it. Raises NotFound when either is gone."""
    missing = NotFound("There is no such version any more, or you may not see it.")
    try:
        found = ModelVersion.objects.only("model_id").filter(pk=UUID(subject_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise missing
    model: RegisteredModel = locked(found.model)
    version: ModelVersion = locked(found)
    if model.deleted_at is not None or version.deleted_at is not None:
        raise missing
    version.model = model
    return model, version


def _proposal(
    act: str, model: RegisteredModel, version: ModelVersion, target: Target, held: Assignment | None,
    params: Mapping[str, Any],
) -> Proposal:  # fmt: skip
    facts = move_facts(act, model, version, target, held.version if held else None)
    return Proposal(
        act=act,
        subject=version_subject(version),
        target=target,
        params=params,
        facts=facts,
        selectors={
            "model": model.name,
            target.kind: target.name,
            "tags": facts["model"]["tags"],
        },
        excluded=authors_of(version),
        risk_tier=facts["model"]["risk_tier"],
    )


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"The move needs '{name}', a text.")
    return value

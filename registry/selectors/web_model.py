"""All that the page of one registered model shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Evidence, Finding
from compliance.models.follow_up import SEVERITIES
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from registry.gate.subjects import VERSION_TYPE
from registry.models import Assignment, ModelVersion, RegisteredModel, SystemModel
from registry.models.assignments import ALIAS
from registry.selectors.models import models_visible
from registry.selectors.web_models import tier_highest

VERSIONS_SHOWN = 200
HISTORY_SHOWN = 200


@dataclass(frozen=True)
class Badge:
    """What one gate said about a version: `outcome` is pass, fail, info, or missing."""

    kind: str
    label: str
    outcome: str
    summary: str = ""


@dataclass(frozen=True)
class VersionRow:
    """A version with what points to it and what the gates said."""

    version: ModelVersion
    aliases: list[str] = field(default_factory=list)
    badges: list[Badge] = field(default_factory=list)


# The kind of evidence, and what a badge for it says.
BADGES = (
    ("artifact_scan", "scan"), ("signature", "signed"), ("model_version", "schema"), ("env_lock", "packages"),
    ("model_card", "card"),
)  # fmt: skip


def model_named(actor: Actor, workspace: str, name: str) -> RegisteredModel:
    """A registered model by the names in its address. Raises NotFound, too, when it is not visible."""
    found = _shown(actor).filter(workspace__name=workspace, name=name).first()
    if found is None:
        raise NotFound(f"There is no registered model {name} in {workspace}, or you may not see it.")
    return found


def _shown(actor: Actor) -> QuerySet[RegisteredModel]:
    return models_visible(actor).select_related("workspace", "created_by")


def model_known(actor: Actor, key: UUID) -> RegisteredModel:
    """A model by its id, as other records name it. Raises NotFound."""
    found = _shown(actor).filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such registered model, or you may not see it.")
    return found


def version_rows(model: RegisteredModel, *, limit: int = VERSIONS_SHOWN) -> list[VersionRow]:
    """The versions of a model, newest first."""
    versions = list(
        ModelVersion.objects.filter(model=model, deleted_at=None)
        .select_related("run", "created_by")
        .defer("manifest")
        .order_by("-version")[:limit]
    )
    aliases = aliases_by_version(model)
    badges = badges_of(versions)
    return [VersionRow(each, aliases.get(each.pk, []), badges[each.pk]) for each in versions]


def aliases_by_version(model: RegisteredModel) -> dict[Any, list[str]]:
    """The names that point to each version now."""
    found: dict[Any, list[str]] = {}
    now = Assignment.objects.filter(model=model, kind=ALIAS, valid_to=None).order_by("name")
    for version_id, name in now.values_list("version_id", "name"):
        found.setdefault(version_id, []).append(name)
    return found


def badges_of(versions: Iterable[ModelVersion]) -> dict[Any, list[Badge]]:
    """What the newest evidence of each kind says about each version; evidence about other bytes does not count."""
    by_id = {version.pk.hex: version for version in versions}
    newest = (
        Evidence.objects.filter(subject_id__in=list(by_id), kind__in=[kind for kind, _ in BADGES])
        .order_by("subject_id", "kind", "-id")
        .distinct("subject_id", "kind")
    )
    seen = {(each.subject_id, each.kind): each for each in newest}
    carded = set(
        ModelVersion.objects.filter(
            pk__in=[each.pk for each in by_id.values()], cards__isnull=False
        ).values_list("pk", flat=True)
    )
    return {
        version.pk: [_badge(seen.get((key, kind)), kind, label, version, carded) for kind, label in BADGES]
        for key, version in by_id.items()
    }


def _badge(found: Evidence | None, kind: str, label: str, version: ModelVersion, carded: set[Any]) -> Badge:
    if kind == "model_card" and found is None:
        return Badge(kind, label, "pass" if version.pk in carded else "missing")
    if found is None or (found.subject_digest and found.subject_digest != version.digest):
        return Badge(kind, label, "missing")
    return Badge(kind, label, found.outcome, found.summary)


def alias_history(model: RegisteredModel, *, limit: int = HISTORY_SHOWN) -> list[Assignment]:
    """Where aliases and stages pointed, the newest interval first."""
    history = Assignment.objects.filter(model=model).select_related("version", "approval__request")
    return list(history.order_by("-valid_from", "-id")[:limit])


def alias_names(model: RegisteredModel) -> list[str]:
    """Every alias that the model ever had."""
    names = Assignment.objects.filter(model=model, kind=ALIAS).values_list("name", flat=True)
    return sorted(set(names))


def systems_of(model: RegisteredModel) -> list[SystemModel]:
    """The AI systems that use the model now."""
    links = SystemModel.objects.filter(model=model, valid_to=None, system__retired_at=None)
    return list(links.select_related("system", "version").order_by("system__name"))


def risk_tier_of(links: list[SystemModel]) -> str:
    """The gravest tier of the systems that use a model."""
    return tier_highest([link.system.risk_tier for link in links])


def findings_open(versions: Iterable[ModelVersion]) -> list[Finding]:
    """The open findings about versions, the gravest first."""
    found = Finding.objects.filter(
        subject_type=VERSION_TYPE, subject_id__in=[each.pk.hex for each in versions], is_open=True
    ).select_related("owner")
    return sorted(found[:20], key=lambda each: (-SEVERITIES.index(each.severity), each.due_at))

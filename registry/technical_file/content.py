"""What is in a technical file: the nine points of Annex IV, what is known for each, and what is not.

Nothing is made up to fill a place: what is not known stands as a gap, with who must supply it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from compliance.controls.catalogue import Control
from compliance.controls.coverage import AnsweredControl, Need, SeenItem, SystemCoverage, who_may
from compliance.models import AISystem
from compliance.system_details import DETAILS
from registry.models import ModelVersion
from registry.technical_file.proofs import Proofs

FORMAT = "portal-technical-file/1"
FRAMEWORK = "EU-AI-ACT-ANNEX-IV"
POINTS = {
    1: "General description of the AI system",
    2: "Elements of the AI system and how it was developed",
    3: "Monitoring, functioning and control",
    4: "Why the performance metrics suit the system",
    5: "Risk management",
    6: "Changes through its life",
    7: "Standards applied",
    8: "EU declaration of conformity",
    9: "Performance after release",
}
DISCLAIMER = (
    "This file shows what is recorded and what is not. It does not state that any duty is met: that is for people to "
    "judge."
)


@dataclass
class Content:
    """The file as plain JSON; `evidence` are the bodies of its facts by path, `events` the proofs that they need."""

    file: dict[str, Any]
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Facts:
    """Every fact once, numbered in the order in which it is met."""

    proofs: Proofs
    known: dict[tuple[Any, ...], str] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[str, Any] = field(default_factory=dict)

    def add(self, seen: SeenItem) -> str:
        item = seen.item
        key = (item.kind, item.label, item.digest, item.subject, item.at, item.control)
        if key not in self.known:
            self.known[key] = name = f"F{len(self.known) + 1:04}"
            path = f"evidence/{name}.json"
            self.bodies[path] = {
                "fact": name, "kind": item.kind, "label": item.label, "at": _iso(item.at), "digest": item.digest,
                "outcome": item.outcome, "subject": item.subject, "facts": dict(item.facts),
            }  # fmt: skip
            self.listed.append(
                {
                    "id": name,
                    "kind": item.kind,
                    "label": item.label,
                    "at": _iso(item.at),
                    "digest": item.digest,
                    "outcome": item.outcome,
                    "state": seen.state,
                    "evidence": path,
                    "proof": self.proofs.reference(item.audit_event),
                }
            )
        return self.known[key]


def content_of(
    system: AISystem,
    coverage: SystemCoverage,
    versions: Sequence[ModelVersion],
    proofs: Proofs,
    at: dt.datetime,
) -> Content:
    """Put the file together from what the controls of Annex IV found."""
    facts, people = _Facts(proofs), who_may(system)
    sections = [_section(each, system, facts, people) for each in coverage.controls]
    unproven = {fact["id"] for fact in facts.listed if fact["proof"] is None}
    for section in sections:
        lacking = sorted(set(section["facts"]) & unproven)
        if lacking:
            section["gaps"].append(_unproven_gap(lacking, proofs))
    points = [_point(number, title, sections) for number, title in POINTS.items()]
    file = {
        "format": FORMAT,
        "made_at": _iso(at),
        "disclaimer": DISCLAIMER,
        "system": _system(system),
        "versions": [_version(version) for version in versions],
        "catalogue": {"schema": coverage.schema, "digest": coverage.catalogue_digest, "framework": FRAMEWORK},
        "points": points,
        "facts": facts.listed,
        "gaps": [{"ref": section["ref"], **gap} for section in sections for gap in section["gaps"]],
        "checkpoint": proofs.head,
    }
    return Content(file, facts.bodies)


def _section(
    answered: AnsweredControl, system: AISystem, facts: _Facts, people: Mapping[str, str]
) -> dict[str, Any]:
    control: Control = answered.control
    told, gaps = _told(control.ref, system, people)
    return {
        "control": control.id, "ref": control.ref, "title": control.title, "asked": control.summary,
        "checked": control.checked, "checked_label": control.checked_label, "state": answered.state, "told": told,
        "facts": [facts.add(seen) for need in answered.needs for seen in need.items],
        "gaps": gaps + [_gap(need) for need in answered.missing],
    }  # fmt: skip


def _told(
    ref: str, system: AISystem, people: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What people told for one place of Annex IV, and what they did not."""
    told, gaps = [], []
    if ref == "1(a)":
        told += [
            {"name": "intended_purpose", "title": "Intended purpose", "text": system.intended_purpose},
            {"name": "risk_tier", "title": "Risk tier", "text": _tier(system)},
        ]
    for detail in DETAILS:
        if detail.point == ref:
            value = system.details.get(detail.name)
            text = "\n".join(value) if isinstance(value, list) else value
            if text:
                told.append({"name": detail.name, "title": detail.title, "text": text})
            else:
                what = f"Tell in the record of the system: {detail.title}. {detail.help}"
                gaps.append(_gap_of("detail", detail.title, "missing", True, people["maintainer"], what))
    return told, gaps


def _tier(system: AISystem) -> str:
    return f"{system.risk_tier}. {system.risk_rationale}".strip().removesuffix(".") + "."


def _gap(need: Need) -> dict[str, Any]:
    return _gap_of(need.kind, need.title, need.state, need.is_required, need.who, need.what)


def _gap_of(kind: str, title: str, state: str, is_required: bool, who: str, what: str) -> dict[str, Any]:
    return {"kind": kind, "title": title, "state": state, "required": is_required, "who": who, "what": what}


def _unproven_gap(names: Sequence[str], proofs: Proofs) -> dict[str, Any]:
    what = (
        "No audit event proves these facts, or none is under a signed checkpoint yet: "
        + ", ".join(names)
        + "."
    )
    return _gap_of("audit_proof", "Proof from the audit log", "missing", False, proofs.who, what)


def _point(number: int, title: str, sections: Sequence[dict[str, Any]]) -> dict[str, Any]:
    inside = [section for section in sections if _number(section["ref"]) == number]
    return {
        "number": number,
        "title": title,
        "sections": inside,
        "gaps": sum(len(section["gaps"]) for section in inside),
        "required_gaps": sum(gap["required"] for section in inside for gap in section["gaps"]),
    }


def _number(ref: str) -> int:
    return int(ref.partition("(")[0])


def _system(system: AISystem) -> dict[str, Any]:
    return {
        "id": str(system.pk), "name": system.name, "workspace": system.workspace.name, "owner": system.owner.username,
        "role": system.role, "risk_tier": system.risk_tier, "risk_rationale": system.risk_rationale,
        "intended_purpose": system.intended_purpose, "description": system.description,
        "recorded_at": _iso(system.created_at), "changed_at": _iso(system.updated_at),
        "retired_at": _iso(system.retired_at),
    }  # fmt: skip


def _version(version: ModelVersion) -> dict[str, Any]:
    run: UUID | None = version.run_id
    return {
        "model": version.model.name, "version": version.version, "digest": version.digest, "status": version.status,
        "run": run.hex if run else None, "ready_at": _iso(version.ready_at),
    }  # fmt: skip


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds") if moment else None

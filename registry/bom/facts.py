"""What a bill of materials is made of: the manifest, the packages, the data, and what the card says."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import rfc8785

from registry.cards.prefill import card_prefill
from registry.gate.files import manifest_of
from registry.gate.recording import plain
from registry.models import ModelVersion
from registry.selectors.cards import card_newest

_FIGURES = 500


def bom_facts(
    version: ModelVersion, dependencies: list[dict[str, Any]], signature: Mapping[str, Any]
) -> dict[str, Any]:
    """Plain values for the program that writes the bill; its serial number stands for exactly these."""
    newest = card_newest(version)
    content = newest.content if newest else card_prefill(version, signature)
    facts: dict[str, Any] = plain({
        "name": version.model.name, "version": str(version.version), "digest": version.digest,
        "description": version.description[:2000], "at": _moment(version),
        "files": manifest_of(version), "dependencies": _distinct(dependencies), "datasets": _datasets(content),
        "origin": content.get("digests") or {}, "card": _card({"signature": signature, **content}),
    })  # fmt: skip
    stands_for = {**facts, "workspace": version.workspace_id, "id": version.pk.hex}
    return {**facts, "serial_number": str(uuid5(NAMESPACE_URL, rfc8785.dumps(stands_for).decode()))}


def _moment(version: ModelVersion) -> str:
    return version.ready_at.isoformat() if version.ready_at else "1970-01-01T00:00:00+00:00"


def _distinct(dependencies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["purl"]: each for each in dependencies}.values())


def _datasets(content: Mapping[str, Any]) -> list[dict[str, str]]:
    found = {}
    for each in (content.get("data_provenance") or {}).get("datasets") or []:
        ref = f"data:{each['name']}@{each.get('digest', '')}"
        kept = {key: each.get(key, "") for key in ("name", "digest", "context", "source_type")}
        found[ref] = {"ref": ref, **kept}
    return list(found.values())


def _card(content: Mapping[str, Any]) -> dict[str, Any]:
    overview, intended = content.get("model_overview") or {}, content.get("intended_uses") or {}
    signature, more = content.get("signature") or {}, content.get("additional_information") or {}
    uses = [intended.get("purpose_of_model"), intended.get("intended_uses")]
    return {
        "task": overview.get("problem_type", ""),
        "architecture": overview.get("algorithm_type", ""),
        "inputs": [_column(each) for each in signature.get("inputs") or []],
        "outputs": [_column(each) for each in signature.get("outputs") or []],
        "metrics": _figures(content),
        "use_cases": [each for each in uses if each],
        "limits": [each["limit"] for each in content.get("limits") or []],
        "ethics": [more["ethical_considerations"]] if more.get("ethical_considerations") else [],
    }


def _figures(content: Mapping[str, Any]) -> list[dict[str, str]]:
    details = (content.get("training_details") or {}).get("training_job_details") or {}
    found = [
        {"type": each["name"], "value": _text(each["value"])}
        for each in details.get("training_metrics") or []
    ]
    for evaluation in content.get("evaluation_details") or []:
        for group in evaluation.get("metric_groups") or []:
            found += [
                {"type": each["name"], "value": _text(each["value"]), "slice": evaluation["name"]}
                for each in group["metric_data"]
            ]
    for each in content.get("subgroup_performance") or []:
        found.append({"type": each["metric"], "value": _text(each["value"]), "slice": each["group"]})
    return found[:_FIGURES]


def _column(column: Mapping[str, str]) -> str:
    return f"{column.get('name')}: {column['type']}" if column.get("name") else column["type"]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

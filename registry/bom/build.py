"""The program that writes a bill of materials with the CycloneDX library and has the library's schema check it.

The library knows no model cards, so that part is put into what it wrote before the check.
"""

import json
import sys
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

from portal.kernel.json_schema import library
from registry.gate.scanner.sandbox import confine

SPEC_VERSION = "1.6"


def main() -> None:
    """Facts in, `{bom, problem}` out; a bill that does not fit the schema is a problem and no bill."""
    request = json.load(sys.stdin)
    confine(request["limits"])
    document = built(request["facts"])
    problem = problem_of(document)
    json.dump({"bom": None if problem else document, "problem": problem}, sys.stdout)


def built(facts: dict[str, Any]) -> dict[str, Any]:
    """The bill as JSON. The same facts give the same bytes."""
    model, data = _model(facts), [_dataset(each) for each in facts["datasets"]]
    libraries = [_library(each) for each in facts["dependencies"]]
    bom = Bom(
        serial_number=UUID(facts["serial_number"]), version=1, components=[*data, *libraries],
        metadata=BomMetaData(component=model, timestamp=datetime.fromisoformat(facts["at"])),
    )  # fmt: skip
    bom.register_dependency(model, [*data, *libraries])
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    document["metadata"]["component"]["modelCard"] = _card(facts)
    return document


def problem_of(document: dict[str, Any]) -> str:
    """What the schema that the library ships has against it; nothing when it fits."""
    library()  # before the module that would load all of it
    validator = import_module("cyclonedx.validation.json").JsonStrictValidator(SchemaVersion.V1_6)
    error = validator.validate_str(json.dumps(document))
    return f"{error}"[:500] if error is not None else ""


def _model(facts: dict[str, Any]) -> Component:
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL, name=facts["name"], version=facts["version"], bom_ref="model",
        description=facts["description"] or None, hashes=[_sha256(facts["digest"])],
        components=[_file(each) for each in facts["files"]],
        properties=[Property(name=f"portal:{key}", value=value) for key, value in sorted(facts["origin"].items())],
    )  # fmt: skip


def _file(each: dict[str, Any]) -> Component:
    return Component(
        type=ComponentType.FILE, name=each["path"], bom_ref=f"file:{each['path']}", hashes=[_sha256(each["sha256"])],
        properties=[Property(name="portal:size", value=str(each["size"]))],
    )  # fmt: skip


def _dataset(each: dict[str, str]) -> Component:
    told = [
        Property(name=f"portal:{key}", value=each[key]) for key in ("context", "source_type") if each.get(key)
    ]
    return Component(
        type=ComponentType.DATA, name=each["name"], version=each["digest"] or None, bom_ref=each["ref"],
        properties=told,
    )  # fmt: skip


def _library(each: dict[str, Any]) -> Component:
    """A package; one without an exact version says how it is asked for."""
    return Component(
        type=ComponentType.LIBRARY, name=each["name"], version=each["version"] or None, bom_ref=each["purl"],
        purl=PackageURL.from_string(each["purl"]),
        properties=[] if each["version"] else [Property(name="portal:requirement", value=each["text"])],
    )  # fmt: skip


def _sha256(content: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=content)


def _card(facts: dict[str, Any]) -> dict[str, Any]:
    """The part that CycloneDX calls modelCard: parameters, figures, considerations."""
    card = facts["card"]
    parameters = {
        "task": card["task"], "modelArchitecture": card["architecture"],
        "datasets": [{"ref": each["ref"]} for each in facts["datasets"]],
        "inputs": [{"format": each} for each in card["inputs"]],
        "outputs": [{"format": each} for each in card["outputs"]],
    }  # fmt: skip
    figures = [
        {key: each[key] for key in ("type", "value", "slice") if each.get(key)} for each in card["metrics"]
    ]
    considerations = {
        "useCases": card["use_cases"],
        "technicalLimitations": card["limits"],
        "ethicalConsiderations": [{"name": each} for each in card["ethics"]],
    }
    parts = {
        "modelParameters": {key: value for key, value in parameters.items() if value},
        "quantitativeAnalysis": {"performanceMetrics": figures} if figures else {},
        "considerations": {key: value for key, value in considerations.items() if value},
    }
    return {"bom-ref": "model-card", **{key: value for key, value in parts.items() if value}}

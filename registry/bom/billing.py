"""Writes the bill of materials of a version in a child process, keeps it beside the version, and says so."""

import hashlib
import tempfile
from pathlib import Path

import orjson

from compliance.evidence_kinds import PASS
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from jobs.errors import Permanent, Transient
from jobs.step import JobStep
from registry.bom.facts import bom_facts
from registry.gate.beside import beside_uri
from registry.gate.child import ChildStopped, Limits, run_child
from registry.gate.describing import version_described
from registry.gate.recording import Observation
from registry.models import ModelVersion

PROGRAM = "registry.bom.build:main"
KIND = "mlbom"
SPEC_VERSION = "1.6"
LIMITS = Limits(memory_bytes=2 * 1024**3, cpu_seconds=300, wall_seconds=600)


def bom_uri(version: ModelVersion) -> str:
    """Where the bill of a version lies."""
    return beside_uri(version, "boms", "cdx.json")


def version_billed(step: JobStep, version: ModelVersion) -> Observation:
    """The bill as it is now, checked by the schema. Raises FileChanged."""
    schema, packages = version_described(version)
    facts = bom_facts(version, packages.body["dependencies"], schema.body["signature"])
    try:
        with tempfile.TemporaryDirectory(prefix="portal-bom-") as folder:
            answer = run_child(step, PROGRAM, {"facts": facts}, LIMITS, Path(folder))
    except ChildStopped as error:
        raise Transient(f"The bill of materials of {version} could not be written: {error}.") from error
    if answer["problem"]:
        raise Permanent(f"The bill of materials of {version} does not fit CycloneDX: {answer['problem']}.")
    data = orjson.dumps(answer["bom"], option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    artifact_store().put(store_path(bom_uri(version)), iter([data]), size=len(data))
    body = {
        "spec": f"CycloneDX {SPEC_VERSION}", "uri": bom_uri(version), "sha256": hashlib.sha256(data).hexdigest(),
        "serial_number": facts["serial_number"], "files": len(facts["files"]),
        "libraries": len(facts["dependencies"]), "datasets": len(facts["datasets"]),
    }  # fmt: skip
    said = f"{body['files']} files, {body['libraries']} packages and {body['datasets']} datasets are listed."
    return Observation(KIND, PASS, said, body, "cyclonedx-python-lib")

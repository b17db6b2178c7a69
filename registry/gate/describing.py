"""What the description of a version and its lists of packages amount to, as evidence."""

from typing import Any

from compliance.evidence_kinds import FAIL, PASS
from registry.gate.dependencies import LISTS, dependencies_read
from registry.gate.description import MLMODEL, description_read
from registry.gate.files import small_file
from registry.gate.recording import Observation
from registry.gate.yaml_reading import LIMIT_BYTES
from registry.models import ModelVersion

SOURCE = "registry.describe_version"
# MLflow asks for these without a version; they install packages and are no part of what the model runs on.
INSTALLERS = frozenset({"pip", "setuptools", "wheel"})


def version_described(version: ModelVersion) -> list[Observation]:
    """Reads the few small files that say what the version takes, gives and needs. Raises FileChanged."""
    described, problems = description_read(small_file(version, MLMODEL, limit_bytes=LIMIT_BYTES))
    return [_schema(version, described, problems), _packages(version)]


def _schema(version: ModelVersion, described: dict[str, Any], problems: list[str]) -> Observation:
    has_both = bool(described["inputs"]) and bool(described["outputs"])
    signature = {side: described.pop(side) for side in ("inputs", "outputs", "params")}
    body = {
        "digest": version.digest,
        "files": len(version.manifest or []),
        "signature": signature,
        "problems": problems,
        **described,
    }
    said = (
        f"The signature states {len(signature['inputs'])} inputs and {len(signature['outputs'])} outputs."
        if has_both
        else " ".join(problems)
    )
    return Observation("model_version", PASS if has_both else FAIL, said, body, SOURCE)


def _packages(version: ModelVersion) -> Observation:
    files = {path: small_file(version, path, limit_bytes=LIMIT_BYTES) for path in LISTS}
    there = {path: data for path, data in files.items() if data is not None}
    found, problems = dependencies_read(there)
    loose = [each.name for each in found if not each.is_pinned and each.name not in INSTALLERS]
    body = {
        "lists": sorted(there), "dependencies": [each.facts() for each in found], "unpinned": loose,
        "problems": problems,
    }  # fmt: skip
    if not found:
        return Observation("env_lock", FAIL, "No list says which packages the model needs.", body, SOURCE)
    said = f"{len(found)} packages are listed, "
    said += (
        f"{len(loose)} without an exact version: {', '.join(loose[:10])}."
        if loose
        else "each with its version."
    )
    return Observation("env_lock", FAIL if loose else PASS, said, body, SOURCE)

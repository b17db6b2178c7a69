"""When an earlier training may stand for a new one: the same code, packages, command, parameters and inputs."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785
from django.conf import settings

from experiments.models import DatasetVersion
from registry.models import ModelVersion
from training.models import CodeSnapshot, TrainingJob
from training.work.trees import tree_of

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What says where and how a training runs, not what it computes.
_BESIDE = {"name", "experiment", "tags", "queue", "priority", "limits", "executor", "code", "inputs"}


def cache_key(workspace_id: int, spec: Mapping[str, Any]) -> str:
    """SHA-256 over all that a training of this normal specification reads; empty where that is not known before.

    A branch of Git can move, so only a commit has a key.
    """
    code = _code_identity(workspace_id, spec["code"])
    inputs = {name: _input_digest(workspace_id, each) for name, each in spec["inputs"].items()}
    if not code or not all(inputs.values()):
        return ""
    read = {key: value for key, value in spec.items() if key not in _BESIDE}
    read |= {"code": [code, spec["code"].get("subdirectory", "")], "inputs": inputs}
    return hashlib.sha256(rfc8785.dumps(read)).hexdigest()


def _code_identity(workspace_id: int, code: Mapping[str, Any]) -> str:
    if "snapshot" in code:
        found = CodeSnapshot.objects.filter(workspace=workspace_id, pk=code["snapshot"]).first()
        return found.digest if found is not None else ""
    if "git" in code:
        return f"{code['git']}@{code['ref']}" if _COMMIT.fullmatch(code.get("ref", "")) else ""
    folder = Path(settings.BASE_DIR) / "examples" / "projects" / str(code.get("bundled"))
    return tree_of(folder).digest if folder.is_dir() else ""


def _input_digest(workspace_id: int, given: Mapping[str, Any]) -> str:
    if "dataset" in given:
        versions = DatasetVersion.objects.filter(workspace=workspace_id, asset__name=given["dataset"])
        return versions.filter(number=given["version"]).values_list("digest", flat=True).first() or ""
    if "model" in given:
        models = ModelVersion.objects.filter(workspace=workspace_id, model__name=given["model"])
        return models.filter(version=given["version"]).values_list("digest", flat=True).first() or ""
    trainings = TrainingJob.objects.filter(workspace=workspace_id, pk__in=given["trainings"]).order_by("id")
    digests = [each.seen.get("outputs", {}).get(given["output"], {}).get("digest", "") for each in trainings]
    return "+".join(digests) if digests and all(digests) else ""

"""The specification of an evaluation: the bundled program, its packages with those of the model, and what it reads."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from experiments.models import DatasetVersion
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from portal.kernel.mlflow_errors import ProtocolError
from registry.gate.files import FileChanged, small_file
from registry.models import ModelVersion
from registry.selectors.models import version_by_alias

PROGRAM, ANSWERING = "evaluation", "answers"
EXPERIMENT = "Evaluations"
CHAMPION = "champion"
TASKS = ("auto", "classification", "regression")
COLUMNS_AT_MOST, THRESHOLDS_AT_MOST, LISTS_BYTES = 20, 50, 256 * 1024
_PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.MULTILINE)
_THRESHOLD_KEYS = {"metric", "slice", "sensitive", "min", "max"}


@dataclass(frozen=True)
class Asked:
    """What is to be measured. `slices` and `sensitive` are columns; `thresholds` decide whether it passes."""

    target: str
    task: str = "auto"
    slices: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    explain: bool = True
    thresholds: tuple[Mapping[str, Any], ...] = ()

    def facts(self) -> dict[str, Any]:
        """As it is kept. Raises InvalidInput (`invalid_evaluation`)."""
        if not self.target or self.task not in TASKS:
            raise _refused(f"it names a target column, and a task of {', '.join(TASKS)}")
        if max(len(self.slices), len(self.sensitive)) > COLUMNS_AT_MOST:
            raise _refused(f"it has at most {COLUMNS_AT_MOST} columns to slice by")
        if any(len(name) > 500 or "\x00" in name for name in (self.target, *self.slices, *self.sensitive)):
            raise _refused("a column has at most 500 characters")
        return {
            "target": self.target, "task": self.task, "slices": list(dict.fromkeys(self.slices)),
            "sensitive": list(dict.fromkeys(self.sensitive)), "explain": self.explain,
            "thresholds": thresholds_normal(self.thresholds),
        }  # fmt: skip


def thresholds_normal(given: Any) -> list[dict[str, Any]]:
    """`[{metric, slice or sensitive, min, max}]` as they are kept. Raises InvalidInput."""
    if not isinstance(given, (list, tuple)) or len(given) > THRESHOLDS_AT_MOST:
        raise _refused(f"thresholds are a list of at most {THRESHOLDS_AT_MOST}")
    for each in given:
        if not isinstance(each, Mapping) or set(each) - _THRESHOLD_KEYS or not {"min", "max"} & set(each):
            raise _refused(
                f"a threshold has a metric, min or max, and perhaps slice or sensitive: {str(each)[:200]}"
            )
        if not isinstance(each.get("metric"), str) or {"slice", "sensitive"} <= set(each):
            raise _refused("a threshold names its metric, and a slice or a sensitive column, not both")
        numbers = [each[key] for key in ("min", "max") if key in each]
        if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers):
            raise _refused("min and max are numbers")
    return [dict(each) for each in given]


def champion_of(actor: Actor, version: ModelVersion) -> ModelVersion | None:
    """The version that is the champion of the model now, unless it is this one."""
    try:
        found = version_by_alias(actor, version.model.name, CHAMPION, workspace_id=version.workspace_id)
    except ProtocolError:
        return None
    return found if found.pk != version.pk and found.status == version.status else None


def environment_of(*versions: ModelVersion | None) -> dict[str, Any]:
    """The lock of those that measure where it fits the lists of the models; else what answering needs and theirs.

    Reads files of the versions: call it outside of a transaction.
    """
    wanted = [line for version in versions if version is not None for line in _requirements(version)]
    if all(_is_locked(line) for line in wanted):
        return {"lock": _lock()}
    own = (_PROGRAMS / ANSWERING / "requirements.in").read_text().splitlines()
    named = {canonicalize_name(line.name) for line in wanted}
    return {
        "requirements": [
            *[line for line in own if canonicalize_name(Requirement(line).name) not in named],
            *dict.fromkeys(str(line) for line in wanted),
        ]
    }


def spec_of(
    version: ModelVersion, dataset: DatasetVersion, champion: ModelVersion | None, asked: Mapping[str, Any],
    environment: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The specification of the training that measures."""
    inputs: dict[str, Any] = {
        "data": {"dataset": dataset.asset.name, "version": dataset.number, "context": "evaluation"},
        "model": {"model": version.model.name, "version": version.version},
    }
    if champion is not None:
        inputs[CHAMPION] = {"model": champion.model.name, "version": champion.version}
    return {
        "name": f"evaluate {version.model.name} v{version.version}"[:250], "experiment": EXPERIMENT,
        "command": "python answer.py", "code": {"bundled": ANSWERING}, "inputs": inputs, "outputs": {"answers": {}},
        "parameters": {"target": asked["target"], "task": asked["task"]},
        "environment": {**environment, "variables": {"EVALUATION": json.dumps(asked)}},
        "limits": {"timeout": "2h"}, "seed": 0,
        "tags": {"portal.evaluation.model": f"{version.model.name} v{version.version}"},
    }  # fmt: skip


def _requirements(version: ModelVersion) -> list[Requirement]:
    """What the model says it needs, without MLflow itself: a newer one loads what an older one wrote."""
    try:
        data = small_file(version, "requirements.txt", limit_bytes=LISTS_BYTES) or b""
    except FileChanged as error:
        raise InvalidInput(f"{version} cannot be evaluated: {error}.", code="file_differs") from error
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        try:
            requirement = Requirement(line.partition(" #")[0].strip())
        except InvalidRequirement:
            continue
        if not requirement.url and canonicalize_name(requirement.name) not in ("mlflow", "mlflow-skinny"):
            found.append(requirement)
    return found


def _is_locked(requirement: Requirement) -> bool:
    version = _pins().get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)


@cache
def _lock() -> str:
    return (_PROGRAMS / PROGRAM / "requirements.lock").read_text()


@cache
def _pins() -> Mapping[str, str]:
    return {canonicalize_name(name): version for name, version in _PINNED.findall(_lock())}


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"The evaluation is not taken: {why}.", code="invalid_evaluation")

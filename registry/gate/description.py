"""What a model says about itself in its `MLmodel` file: the schema of its inputs and outputs, and its flavours."""

import json
from typing import Any

from registry.gate.yaml_reading import UnreadableYaml, yaml_read

MLMODEL = "MLmodel"
_COLUMNS_AT_MOST = 2000
_TEXTS = ("artifact_path", "mlflow_version", "model_id", "model_uuid", "run_id", "utc_time_created")
_FLAVOR_TEXTS = (
    "loader_module", "python_version", "pickled_model", "model_path", "data", "code", "serialization_format",
)  # fmt: skip


def description_read(data: bytes | None) -> tuple[dict[str, Any], list[str]]:
    """`{inputs, outputs, params, flavors, …}` and sentences about what could not be read; short plain values only."""
    if data is None:
        return _empty(), [
            f"There is no {MLMODEL} file of a size that is read, so nothing says what the model takes."
        ]
    try:
        document = yaml_read(data)
    except UnreadableYaml as error:
        return _empty(), [f"{MLMODEL} {error}."]
    if not isinstance(document, dict):
        return _empty(), [f"{MLMODEL} holds no mapping."]
    problems: list[str] = []
    told = {key: str(document[key])[:200] for key in _TEXTS if document.get(key) is not None}
    return {**_empty(), **told, "flavors": _flavors(document), **_signature(document, problems)}, problems


def _empty() -> dict[str, Any]:
    return {"inputs": [], "outputs": [], "params": [], "flavors": {}}


def _flavors(document: dict[str, Any]) -> dict[str, Any]:
    flavors = document.get("flavors")
    found: dict[str, Any] = {}
    for name, flavor in list(flavors.items())[:20] if isinstance(flavors, dict) else []:
        told = flavor if isinstance(flavor, dict) else {}
        kept = {key: str(told[key])[:300] for key in _FLAVOR_TEXTS if told.get(key) is not None}
        versions = {key: str(told[key])[:100] for key in list(told)[:100] if str(key).endswith("_version")}
        found[str(name)[:100]] = {str(key)[:100]: value for key, value in (kept | versions).items()}
    return found


def _signature(document: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    signature = document.get("signature")
    if not isinstance(signature, dict):
        problems.append(f"{MLMODEL} states no signature.")
        return {}
    return {side: _columns(signature.get(side), side, problems) for side in ("inputs", "outputs", "params")}


def _columns(value: Any, side: str, problems: list[str]) -> list[dict[str, str]]:
    """MLflow keeps each side as JSON in a text: named columns, or one tensor."""
    if value is None:
        if side != "params":
            problems.append(f"The signature states no {side}.")
        return []
    try:
        listed = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        problems.append(f"The {side} of the signature are no JSON.")
        return []
    columns = [_column(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if not columns and side != "params":
        problems.append(f"The signature states no {side}.")
    return columns[:_COLUMNS_AT_MOST]


def _column(column: dict[str, Any]) -> dict[str, str]:
    kind = column.get("type")
    tensor = column.get("tensor-spec")
    if isinstance(tensor, dict):
        kind = f"tensor of {tensor.get('dtype')}, shape {tensor.get('shape')}"
    return {"name": str(column.get("name") or "")[:200], "type": str(kind)[:200]}

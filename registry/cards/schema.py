"""The JSON schema of a card, published by the API: SageMaker's content in snake_case with its limits, and more.

SageMaker knows nothing of where data came from, how groups fare, who watches the model, or limits one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

OVERVIEW, PACKAGE, INTENDED, BUSINESS = (
    "model_overview", "model_package_details", "intended_uses", "business_details",
)  # fmt: skip
TRAINING, EVALUATION, ADDITIONAL = "training_details", "evaluation_details", "additional_information"
SAGEMAKER_SECTIONS = (OVERVIEW, PACKAGE, INTENDED, BUSINESS, TRAINING, EVALUATION, ADDITIONAL)
PROVENANCE, SUBGROUPS, OVERSIGHT, LIMITS, SIGNATURE, DIGESTS = (
    "data_provenance", "subgroup_performance", "oversight", "limits", "signature", "digests",
)  # fmt: skip
OWN_SECTIONS = (PROVENANCE, SUBGROUPS, OVERSIGHT, LIMITS, SIGNATURE, DIGESTS)
SECTIONS = (*SAGEMAKER_SECTIONS, *OWN_SECTIONS)
_ERRORS_TOLD = 5


def _text(longest: int = 1024) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _object(required: Iterable[str] = (), **properties: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**shape, "required": list(required)} if required else shape


_MAPPING = {"type": "object", "additionalProperties": _text(), "maxProperties": 100}
_NUMBER_OR_TEXT = {"type": ["number", "string"], "maxLength": 1024}
_METRIC = _object(("name", "value"), name=_text(255), notes=_text(), value={"type": "number"})
_PARAMETER = _object(("name", "value"), name=_text(255), value=_text())
_CONTAINERS = _object(container_image=_list(_text(), 15))
_SCALAR: dict[str, Any] = {"type": ["number", "string", "boolean", "null"], "maxLength": 4096}
_SERIES: dict[str, Any] = {"anyOf": [_SCALAR, _list(_SCALAR, 10_000)]}
# Graphs and matrices are lists of lists, and no deeper.
_FIGURE: dict[str, Any] = {"anyOf": [_SCALAR, _list({"anyOf": [_SERIES, _list(_SERIES, 10_000)]}, 10_000)]}
_METRIC_DATA = _object(
    ("name", "type", "value"),
    name=_text(255), notes=_text(), value=_FIGURE, x_axis_name=_SERIES, y_axis_name=_SERIES,
    type={"enum": ["number", "string", "boolean", "linear_graph", "bar_chart", "matrix"]},
)  # fmt: skip
_SAGEMAKER: dict[str, Any] = {
    OVERVIEW: _object(
        model_id=_text(), model_name=_text(), model_description=_text(),
        model_version={"type": "number", "minimum": 1}, problem_type=_text(), algorithm_type=_text(),
        model_creator=_text(), model_owner=_text(), model_artifact=_list(_text(), 15),
        inference_environment=_CONTAINERS,
    ),
    PACKAGE: _object(
        model_package_description=_text(), model_package_arn=_text(), model_package_group_name=_text(),
        model_package_name=_text(), model_package_version={"type": "number", "minimum": 1},
        model_package_status={"enum": ["Pending", "InProgress", "Completed", "Failed", "Deleting"]},
        model_approval_status={"enum": ["Approved", "Rejected", "PendingManualApproval"]},
        approval_description=_text(), created_by=_object(user_profile_name=_text(63)), domain=_text(), task=_text(),
        source_algorithms=_list(_object(("algorithm_name",), algorithm_name=_text(), model_data_url=_text()), 15),
        inference_specification=_object(
            containers=_list(_object(image=_text(), model_data_url=_text(), nearest_model_name=_text()), 15)
        ),
    ),
    INTENDED: _object(
        purpose_of_model=_text(2048), intended_uses=_text(2048), factors_affecting_model_efficiency=_text(2048),
        risk_rating={"enum": ["High", "Medium", "Low", "Unknown"]}, explanations_for_risk_rating=_text(2048),
    ),
    BUSINESS: _object(
        business_problem=_text(2048), business_stakeholders=_text(2048), line_of_business=_text(2048)
    ),
    TRAINING: _object(
        objective_function=_object(
            function=_object(
                function={"enum": ["Maximize", "Minimize"]}, facet=_text(63), condition=_text(63)
            ),
            notes=_text(),
        ),
        training_observations=_text(),
        training_job_details=_object(
            training_arn=_text(), training_datasets=_list(_text(), 15), training_environment=_CONTAINERS,
            training_metrics=_list(_METRIC, 50), user_provided_training_metrics=_list(_METRIC, 50),
            hyper_parameters=_list(_PARAMETER, 100), user_provided_hyper_parameters=_list(_PARAMETER, 100),
        ),
    ),
    EVALUATION: _list(
        _object(
            ("name",),
            name=_text(63), evaluation_observation=_text(2096), evaluation_job_arn=_text(),
            datasets=_list(_text(), 10), metadata=_MAPPING,
            metric_groups=_list(
                _object(("name", "metric_data"), name=_text(63), metric_data=_list(_METRIC_DATA, 200)), 50
            ),
        ),
        50,
    ),
    ADDITIONAL: _object(
        ethical_considerations=_text(2048), caveats_and_recommendations=_text(2048), custom_details=_MAPPING
    ),
}  # fmt: skip
_COLUMN = _object(("type",), name=_text(), type=_text())
_DATASET = _object(
    ("name",),
    name=_text(500), digest=_text(100), context=_text(500), source_type=_text(100), source=_text(2048),
    origin=_text(2048), collection=_text(2048), licence=_text(), personal_data=_text(2048), notes=_text(2048),
)  # fmt: skip
_OWN: dict[str, Any] = {
    PROVENANCE: _object(statement=_text(4000), datasets=_list(_DATASET, 100)),
    SUBGROUPS: _list(
        _object(
            ("group", "metric", "value"),
            group=_text(), metric=_text(255), value=_NUMBER_OR_TEXT, dataset=_text(500), notes=_text(2048),
        ),
        500,
    ),
    OVERSIGHT: _object(
        statement=_text(4000),
        measures=_list(
            _object(("measure",), measure=_text(2048), responsible=_text(), when=_text(), tool=_text()), 50
        ),
    ),
    LIMITS: _list(
        _object(
            ("limit",),
            limit=_text(2048), effect=_text(2048), mitigation=_text(2048),
            severity={"enum": ["low", "medium", "high", "critical"]},
        ),
        100,
    ),
    SIGNATURE: _object(inputs=_list(_COLUMN, 2000), outputs=_list(_COLUMN, 2000), params=_list(_COLUMN, 200)),
    DIGESTS: _object(version=_text(64), run=_text(64), logged_model=_text(64), commit=_text(200)),
}  # fmt: skip
SAGEMAKER_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Content of a SageMaker model card",
    **_object(**_SAGEMAKER),
}
CARD_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Model card",
    **_object(**_SAGEMAKER, **_OWN),
}
_CARD, _SAGEMAKER_ONLY = JsonSchema(CARD_SCHEMA), JsonSchema(SAGEMAKER_SCHEMA)


def card_check(content: Any) -> None:
    """Raise InvalidInput, with the path of each mistake, for what is no card."""
    _check(_CARD, content, "a model card")


def sagemaker_check(content: Any) -> None:
    """Raise InvalidInput, with the path of each mistake, for what is no content of a SageMaker model card."""
    _check(_SAGEMAKER_ONLY, content, "the content of a SageMaker model card")


def _check(schema: JsonSchema, content: Any, what: str) -> None:
    errors = schema.errors(content)
    if errors:
        told = [_sentence(error) for error in errors[:_ERRORS_TOLD]]
        raise InvalidInput(
            f"This is not {what}: {'; '.join(told)}.", code="invalid_card",
            problems=[{"path": error.json_path, "problem": error.message[:300]} for error in errors[:50]],
        )  # fmt: skip


def _sentence(error: ValidationError) -> str:
    return f"{error.json_path}: {error.message[:200]}"

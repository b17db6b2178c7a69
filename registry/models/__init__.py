"""The registry, in MLflow's words."""

from registry.models.assignments import Assignment
from registry.models.documents import ModelCard, SystemModel
from registry.models.registered_model import (
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    RegisteredModelTag,
)

__all__ = [
    "Assignment", "ModelCard", "ModelVersion", "ModelVersionTag", "RegisteredModel", "RegisteredModelTag",
    "SystemModel",
]  # fmt: skip

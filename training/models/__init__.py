"""Training: what was asked for, with what it ran, and what it made."""

from training.models.code import CodeSnapshot
from training.models.environments import RuntimeEnvironment
from training.models.jobs import TrainingJob

__all__ = ["CodeSnapshot", "RuntimeEnvironment", "TrainingJob"]

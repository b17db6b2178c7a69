"""Training: what was asked for, with what it ran, and what it made."""

from training.models.claims import TrainingClaim
from training.models.code import CodeSnapshot
from training.models.data_checks import DataCheck
from training.models.environments import RequirementLock, RuntimeEnvironment
from training.models.evaluations import Evaluation
from training.models.jobs import TrainingJob
from training.models.pipelines import (
    Pipeline,
    PipelineRun,
    PipelineSchedule,
    PipelineStep,
    PipelineTrigger,
    PipelineVersion,
)
from training.models.reproductions import Reproduction
from training.models.sweeps import Sweep, Trial

__all__ = [
    "CodeSnapshot", "DataCheck", "Evaluation", "Pipeline", "PipelineRun", "PipelineSchedule", "PipelineStep",
    "PipelineTrigger", "PipelineVersion", "Reproduction", "RequirementLock", "RuntimeEnvironment", "Sweep",
    "TrainingClaim", "TrainingJob", "Trial",
]  # fmt: skip

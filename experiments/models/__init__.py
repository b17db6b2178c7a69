"""Tracking, in MLflow's words. Times are milliseconds since the epoch, as in MLflow's protocol."""

from experiments.models.browsing import RunMark, RunSet, RunsLayout, SavedView
from experiments.models.dataset_versions import DataAsset, DatasetProfile, DatasetVersion
from experiments.models.datasets import Dataset, RunInput
from experiments.models.experiment import Experiment, ExperimentTag
from experiments.models.holds import ArtifactHold
from experiments.models.logged_model import (
    LoggedModel,
    LoggedModelMetric,
    LoggedModelParam,
    LoggedModelTag,
    RunModelInput,
    RunOutput,
)
from experiments.models.metrics import LatestMetric, MetricChunk
from experiments.models.reports import Report, ReportVersion
from experiments.models.retention import Collected, Collection, RetentionRule, StorageUse
from experiments.models.run import Param, Run, RunDocument, RunTag

__all__ = [
    "ArtifactHold", "Collected", "Collection", "DataAsset", "Dataset", "DatasetProfile",
    "DatasetVersion", "Experiment", "ExperimentTag", "LatestMetric", "LoggedModel", "LoggedModelMetric",
    "LoggedModelParam", "LoggedModelTag", "MetricChunk", "Param", "Report", "ReportVersion",
    "RetentionRule", "Run", "RunDocument", "RunInput", "RunMark", "RunModelInput", "RunOutput",
    "RunSet", "RunTag", "RunsLayout", "SavedView", "StorageUse",
]  # fmt: skip

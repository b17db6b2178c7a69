"""MLflow's rules for names, lengths, values and batches, with its messages. Nothing here reads a table."""

from experiments.validation.batches import (
    batch_checked,
    logged_metric_check,
    param_checked,
    stored_values,
    tag_checked,
)
from experiments.validation.datasets import dataset_check, input_tags_check
from experiments.validation.identifiers import (
    experiment_id_parse,
    experiment_ids_parse,
    run_id_parse,
)
from experiments.validation.lifecycle import experiment_active_check, run_active_check
from experiments.validation.locations import artifact_location_checked
from experiments.validation.names import (
    experiment_name_check,
    experiment_tag_check,
    logged_model_name_check,
    metric_name_check,
    param_name_check,
    tag_name_check,
)

__all__ = [
    "artifact_location_checked",
    "batch_checked",
    "dataset_check",
    "experiment_active_check",
    "experiment_id_parse",
    "experiment_ids_parse",
    "experiment_name_check",
    "experiment_tag_check",
    "input_tags_check",
    "logged_metric_check",
    "logged_model_name_check",
    "metric_name_check",
    "param_checked",
    "param_name_check",
    "run_active_check",
    "run_id_parse",
    "stored_values",
    "tag_checked",
    "tag_name_check",
]

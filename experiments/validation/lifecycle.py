"""What may still be written to: a deleted run or experiment takes no changes.

The status of a run may move freely, also back to RUNNING: MLflow resumes finished runs.
"""

from portal.kernel.mlflow_errors import invalid_parameter

_ACTIVE = "active"


def run_active_check(run_id: str, lifecycle_stage: str) -> None:
    """Refuse a write to a deleted run."""
    _active_check("run", run_id, lifecycle_stage)


def experiment_active_check(experiment_id: int | str, lifecycle_stage: str) -> None:
    """Refuse a write to a deleted experiment."""
    _active_check("experiment", experiment_id, lifecycle_stage)


def _active_check(kind: str, name: int | str, lifecycle_stage: str) -> None:
    if lifecycle_stage != _ACTIVE:
        raise invalid_parameter(
            f"The {kind} {name} must be in the 'active' state. Current state is {lifecycle_stage}."
        )

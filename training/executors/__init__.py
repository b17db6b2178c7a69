"""Executors by the name that a specification gives."""

from training.executors.local import LocalExecutor
from training.executors.protocol import Executor, Prepared
from training.executors.remote import RemoteExecutor, submission_of

EXECUTORS: dict[str, Executor] = {
    "local": LocalExecutor(),
    "ray": RemoteExecutor("training.executors.ray_jobs.ray_connect"),
    "kubernetes": RemoteExecutor("training.executors.kubernetes_jobs.kubernetes_connect"),
}

__all__ = ["EXECUTORS", "Executor", "Prepared", "submission_of"]

"""Executors by the name that a specification gives."""

from training.executors.local import LocalExecutor
from training.executors.protocol import Executor, Prepared

EXECUTORS: dict[str, Executor] = {"local": LocalExecutor()}

__all__ = ["EXECUTORS", "Executor", "Prepared"]

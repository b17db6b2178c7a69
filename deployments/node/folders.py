"""Where a machine that serves keeps things: files of models by digest, and one folder for each process."""

from pathlib import Path
from uuid import UUID

from django.conf import settings


def models_folder() -> Path:
    """Files of models, in folders that are named by their digest."""
    return Path(settings.JOBS_DIR) / "serving" / "models"


def node_folder(name: str) -> Path:
    """What a node keeps of its processes."""
    return Path(settings.JOBS_DIR) / "serving" / "nodes" / name


def server_folder(node: str, server_id: UUID) -> Path:
    """The folder of one process: its order, its log, and how it is."""
    return node_folder(node) / "servers" / server_id.hex


def node_lock(name: str) -> Path:
    """Held by the node as long as it lives; who holds a process sees by it that the node is gone."""
    return node_folder(name) / "node.lock"

"""Secrets of a workspace, by reference."""

from collections.abc import Sequence

from jobs.errors import Permanent


def secret_values(workspace_id: int, names: Sequence[str]) -> dict[str, str]:
    """The values of secrets by name, for a handler. Raises Permanent for one that is not there."""
    if names:
        raise Permanent(f"The workspace has no secret {names[0]}.")
    return {}

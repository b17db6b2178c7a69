"""The targets by name; their modules are loaded by the job that uses them."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from portal.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from deployments.targets.protocol import Target

# The name, and the module that holds its `TARGET` (`deployments.targets.protocol`).
TARGETS = {"local": "deployments.targets.local"}


def target_check(name: str) -> str:
    """Raises InvalidInput (`unknown_target`)."""
    if name not in TARGETS:
        raise InvalidInput(
            f"There is no deployment target {str(name)[:60]!r}. There are {', '.join(sorted(TARGETS))}.",
            code="unknown_target",
        )
    return name


def target_of(name: str) -> "Target":
    """The target of a name. Raises InvalidInput."""
    return cast("Target", import_module(TARGETS[target_check(name)]).TARGET)

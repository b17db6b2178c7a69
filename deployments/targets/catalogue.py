"""The targets by name; their modules are loaded by the job that uses them."""

from portal.kernel.errors import InvalidInput

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

"""The targets by name; their modules are loaded by the job that uses them."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from django.conf import settings

from portal.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from deployments.targets.protocol import Target

# The name, the module that holds its `TARGET` (`deployments.targets.protocol`), and the setting that it needs.
TARGETS = {
    "local": ("deployments.targets.local", ""),
    "kserve": ("deployments.targets.kserve", "KSERVE_IMAGE"),
    "ray": ("deployments.targets.ray_serve", "RAY_SERVE_URL"),
}
PLUGIN = "plugin:"


def targets_offered() -> list[str]:
    """The names of the targets that this portal is set up for, the local one first."""
    built_in = [name for name, (_, needs) in TARGETS.items() if not needs or getattr(settings, needs)]
    return [*built_in, *(f"{PLUGIN}{name}" for name in sorted(settings.DEPLOYMENT_PLUGINS))]


def target_check(name: str) -> str:
    """Raises InvalidInput (`unknown_target`)."""
    offered = targets_offered()
    if name not in offered:
        raise InvalidInput(
            f"There is no deployment target {str(name)[:60]!r} here. There are {', '.join(offered)}; an operator sets "
            "up others.", code="unknown_target",
        )  # fmt: skip
    return name


def target_of(name: str) -> "Target":
    """The target of a name that an endpoint has; one that is no longer set up says so when it is asked."""
    if name.startswith(PLUGIN):
        plugins = import_module("deployments.targets.plugin")
        return cast("Target", plugins.PluginTarget(name.removeprefix(PLUGIN)))
    return cast("Target", import_module(TARGETS[name][0]).TARGET)

"""Where trainings may run on this portal: on its workers, and on the clusters that an operator has named."""

from django.conf import settings

from portal.kernel.errors import InvalidInput

LOCAL, RAY, KUBERNETES = "local", "ray", "kubernetes"


def executors_configured() -> list[str]:
    """The names of the executors that can be asked for here, `local` first."""
    found = {LOCAL: True, RAY: bool(settings.RAY_ADDRESS), KUBERNETES: bool(settings.KUBERNETES_CONFIG)}
    return [name for name, is_there in found.items() if is_there]


def executor_check(name: str) -> None:
    """Raise InvalidInput (`no_such_executor`) for a cluster that this portal does not have."""
    known = executors_configured()
    if name not in known:
        raise InvalidInput(
            f"executor: this portal has no {name} cluster; it has {', '.join(known)}. An operator connects one.",
            code="no_such_executor",
        )

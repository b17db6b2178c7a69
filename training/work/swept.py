"""A sweep varies something only when its parameters reach the code."""

from collections.abc import Collection

from portal.kernel.errors import InvalidInput
from training.models import TrainingJob, Trial


def swept_check(training: TrainingJob, unused: Collection[str]) -> None:
    """Refuse a trial whose entry point declares a parameter of the space, and does nothing with it."""
    trial = Trial.objects.filter(training=training).select_related("sweep").first() if unused else None
    idle = [name for name in unused if trial is not None and name in trial.sweep.spec["space"]]
    if idle:
        raise InvalidInput(
            f"The sweep varies {', '.join(idle)}, which the entry point declares and its command does not use. Put "
            f"{{{idle[0]}}} into that command, or into environment/variables of the training.",
            code="unused_parameter",
        )

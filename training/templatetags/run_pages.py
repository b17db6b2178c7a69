"""What pages of runs show of trainings: why a run failed, and what somebody needs to do it again."""

from typing import Any

from django import template

from experiments.models import Run
from jobs.process import selectors
from portal.kernel.errors import DomainError
from training.models import TrainingJob
from training.selectors.jobs import training_visible
from training.selectors.run_checks import Check, run_checks

register = template.Library()
TAIL_BYTES, TAIL_LINES = 8 * 1024, 12


@register.simple_tag
def checks_of(run: Run) -> list[Check]:
    """What of the run is recorded that a reproduction needs."""
    return run_checks(run)


@register.simple_tag(takes_context=True)
def training_of(context: Any, run: Run) -> TrainingJob | None:
    """The training that the run is of, where the reader sees it."""
    return training_visible(context["request"].actor).filter(run=run).first()


@register.simple_tag(takes_context=True)
def log_end(context: Any, training: TrainingJob) -> str:
    """The last lines of its log; empty where there is none, or the store cannot be read."""
    try:
        part = selectors.log_part(
            context["request"].actor, training.job_id, offset=-TAIL_BYTES, limit=TAIL_BYTES
        )
    except DomainError:
        return ""
    return "\n".join(part.text.rstrip().splitlines()[-TAIL_LINES:])

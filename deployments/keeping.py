"""The job that makes the days of the inference log ahead, and ends what was kept long enough."""

from django.conf import settings

from deployments.services.records import records_end
from jobs.step import JobStep
from portal.kernel import sql

KIND = "deployments.keep_inference_log"
DAYS_AHEAD = 7


def inference_log_keep(step: JobStep) -> dict[str, int]:
    """Make the days to come, delete what is over, and drop days that became empty."""
    made = sql.rows("SELECT deployments_days_make(%s)", (DAYS_AHEAD,))[0][0]
    ended = records_end(actor=step.actor, lifetimes=settings.INFERENCE_LOG_DAYS, check=step.check)
    dropped = sql.rows("SELECT deployments_days_drop()")[0][0]
    return {**ended, "days_made": made, "days_dropped": dropped}

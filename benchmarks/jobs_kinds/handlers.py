"""A job that does nothing but say when it began."""

import time

from jobs.registry import job
from jobs.step import JobStep


@job("benchmarks.noop", actions=["jobs.job.read"])
def noop(step: JobStep) -> float:
    """When the handler began."""
    return time.time()

"""What rules may know of a version's deployments so far: where it served and for how long, and what was taken back."""

from typing import Any

from deployments.facts import ENVIRONMENTS, LIVE, ROLLED_BACK
from deployments.models import Rollout, Traffic
from portal.kernel.clock import now
from registry.models import ModelVersion

_SECONDS_PER_HOUR = 3600


def served_facts(version: ModelVersion) -> dict[str, Any]:
    """`{hours: {environment: hours with live traffic at any share}, rolled_back: number of roll-outs taken back}`."""
    seconds = dict.fromkeys(ENVIRONMENTS, 0.0)
    intervals = Traffic.objects.filter(revision__version=version, role=LIVE)
    for environment, begin, end in intervals.values_list("endpoint__environment", "valid_from", "valid_to"):
        seconds[environment] += ((end or now()) - begin).total_seconds()
    return {
        "hours": {name: round(value / _SECONDS_PER_HOUR, 4) for name, value in seconds.items()},
        "rolled_back": Rollout.objects.filter(revision__version=version, state=ROLLED_BACK).count(),
    }

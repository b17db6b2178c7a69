"""What roll-outs ask of apps above this one: each answers in a sentence why traffic should go back, or with ""."""

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

from deployments.models import Rollout

Guard: TypeAlias = Callable[[Rollout, dt.datetime], str]
DRIFT_GUARDS: list[Guard] = []


def drifted(rollout: Rollout, since: dt.datetime) -> str:
    """Why a roll-out that is guarded against drift should go back; "" where nothing speaks against going on.

    `since` is when the window begins in which its guards look.
    """
    if not rollout.guards.get("on_drift"):
        return ""
    return next((said for guard in DRIFT_GUARDS if (said := guard(rollout, since))), "")

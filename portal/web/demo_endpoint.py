"""The demo's endpoint: a version that serves, the next one waiting as a canary, hours of figures, and what watches.

Deployments, roll-out steps, measurements and the alert come from the operations and functions that make them in use.
Only the figures are laid down here, as a gateway would have summed them. Once workers and a serving node run, they
bring up both revisions and see for themselves what is there.
"""

import datetime as dt
import math

from django.db import transaction

from deployments.deploying import deploy_or_request
from deployments.facts import LIVE, READY
from deployments.gateway.figures import SPAN_SECONDS, Key, Sums, figures_write
from deployments.models import Endpoint, Revision
from deployments.services.endpoints import endpoint_create
from deployments.services.observing import OBSERVE, revision_observe
from deployments.services.rollouts import ADVANCE, BEGIN, COMPLETE, rollout_advance
from monitoring import facts
from monitoring.evaluating.found import judged
from monitoring.evaluating.measuring import measured
from monitoring.models import Monitor
from monitoring.services.monitors import monitor_create, monitors_default
from monitoring.services.results import RESULT_ACTIONS, Measured, result_record
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from registry.models import ModelVersion

ENDPOINT, SLOW = "loan-scoring", "Slow answers"
_PORTAL = Actor.system("commands.seed_demo", actions=[OBSERVE, ADVANCE, *RESULT_ACTIONS])
_SPANS, _LATE_SPANS, _LOOKS = 1080, 40, 10
_SETTINGS = {"resources": {"replicas": 1, "memory_mb": 512, "cpus": 1}}


def endpoint_seed(ann: Actor, place: Workspace, first: ModelVersion, second: ModelVersion) -> None:
    """Make all of it, unless an endpoint has the name already."""
    if Endpoint.objects.filter(name=ENDPOINT, deleted_at=None).exists():
        return
    endpoint = endpoint_create(
        actor=ann, workspace=place, name=ENDPOINT, environment="staging", settings=_SETTINGS,
        description="Scores applications for consumer loans before they reach a person.",
    )  # fmt: skip
    serving = deploy_or_request(
        actor=ann, endpoint=endpoint, version=first, rollout={"strategy": "blue_green"},
        reason="The first scorecard.",
    )  # fmt: skip
    _brought_up(endpoint, serving)
    _figures(endpoint, serving)
    deploy_or_request(
        actor=ann, endpoint=endpoint, version=second, rollout={"strategy": "canary"},
        reason="Better on every slice: a few percent first.",
    )  # fmt: skip
    _watched(ann, endpoint)


def _brought_up(endpoint: Endpoint, revision: Revision) -> None:
    """As the portal's own job does when a target says that a revision is ready."""
    revision_observe(
        actor=_PORTAL, endpoint=endpoint, revision=revision, state=READY, detail="Made by seed_demo."
    )
    for act, reason in ((BEGIN, "The revision is ready."), (COMPLETE, "The last step is over.")):
        rollout = revision.rollouts.get()
        rollout_advance(actor=_PORTAL, endpoint=endpoint, rollout=rollout, act=act, reason=reason)


def _figures(endpoint: Endpoint, revision: Revision) -> None:
    """Three hours of traffic with a slow swell, some bad requests, and answers that become slow toward its end."""
    last = int(now().timestamp()) // SPAN_SECONDS * SPAN_SECONDS
    taken: dict[Key, Sums] = {}
    for back in range(_SPANS):
        sums = taken[endpoint.pk, revision.pk, LIVE, last - back * SPAN_SECONDS] = Sums()
        for number in range(30 + round(12 * math.sin(back / 25))):
            usual = 3 + (number * 7 + back * 3) % 11 / 4
            is_late = back < _LATE_SPANS and number % 6 == 0
            sums.add(422 if (number + back) % 97 == 0 else 200, 40 * usual if is_late else usual)
    with transaction.atomic():
        figures_write(taken)


def _watched(ann: Actor, endpoint: Endpoint) -> None:
    """The usual monitors and one with a rule, measured over the last hour as they would have been while it passed."""
    monitors_default(actor=ann, endpoint=endpoint)
    monitor_create(
        actor=ann, endpoint=endpoint, kind=facts.LATENCY, name=SLOW, every_seconds=300,
        settings={
            "window": {"seconds": 300}, "thresholds": {"warn": 50, "alert": 100},
            "on_alert": {"finding": {"severity": "medium", "due_days": 14}, "notify": [ann.name]},
        },
    )  # fmt: skip
    ended = now()
    for monitor in Monitor.objects.filter(endpoint=endpoint).exclude(kind=facts.DATA_DRIFT).order_by("id"):
        for back in reversed(range(_LOOKS)):
            _look(monitor, ended - back * dt.timedelta(minutes=5))


def _look(monitor: Monitor, moment: dt.datetime) -> None:
    found = measured(monitor, moment)
    state = judged(monitor.kind, monitor.settings, found.value)
    with transaction.atomic():
        result_record(actor=_PORTAL, monitor=monitor, measured=Measured(moment, state, found, moment))

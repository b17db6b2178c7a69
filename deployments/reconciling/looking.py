"""One look at an endpoint: what is wanted, what its target has, and the next thing for each of the two."""

import time
from functools import partial
from pathlib import Path

import structlog

from deployments.facts import FAILED, FAILING, READY, RUNNING, STARTING, STOPPED
from deployments.models import Endpoint, KillDrill, Revision, Rollout
from deployments.reconciling.figures import figures_of
from deployments.reconciling.gateways import gateways_at
from deployments.reconciling.preparing import prepare_ask
from deployments.reconciling.rolling import step_of
from deployments.services.observing import drill_confirm, revision_observe, revision_retire
from deployments.services.rollouts import rollout_advance
from deployments.split import is_used
from deployments.targets.catalogue import target_of
from deployments.targets.protocol import Seen, Target, Wanted
from jobs.errors import Permanent
from jobs.quotas import QuotaExceeded
from jobs.step import JobStep
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, Unavailable

log = structlog.get_logger("deployments")

# So long may a drill keep an endpoint from answering.
DRILL_SECONDS = 30


class Look:
    """One pass over an endpoint. `is_soon` says that looking again at once is worth it."""

    def __init__(self, step: JobStep, endpoint: Endpoint) -> None:
        self.step, self.endpoint, self.is_soon = step, endpoint, False
        self.target: Target = target_of(endpoint.target)

    def run(self) -> None:
        """Do the next thing for everything. A target that does not answer keeps nothing else from being done."""
        self._drills()
        for revision in self._revisions(desired_state=RUNNING):
            self._guarded(partial(self._bring_up, revision), revision)
        self._rollout()
        self._retire()
        for revision in self._revisions(desired_state=STOPPED):
            if revision.observed_state not in (STOPPED, FAILED):
                self._guarded(partial(self._take_down, revision), revision)

    def _revisions(self, **wanted: str) -> list[Revision]:
        related = ("endpoint", "version__model", "version__workspace", "approval")
        return list(self.endpoint.revisions.filter(**wanted).select_related(*related).order_by("number"))

    def _guarded(self, do: partial[None], revision: Revision) -> None:
        self.step.check()
        try:
            do()
        except (
            Unavailable,
            QuotaExceeded,
        ) as error:  # what waits for one revision keeps nothing else waiting
            log.warning("not now", revision=str(revision), error=str(error))
            if revision.observed_detail != str(error)[:4000]:
                self._see(revision, Seen(revision.observed_state, str(error), None))
        except Permanent as error:
            is_first = revision.observed_state not in (READY, FAILING)
            self._see(revision, Seen(FAILED if is_first else FAILING, str(error), None))

    def _bring_up(self, revision: Revision) -> None:
        if revision.observed_state == FAILED:
            return
        if self.target.is_prepared and not _is_prepared(revision):
            prepare_ask(self.step.actor, revision)
            return
        self.target.apply(Wanted(revision, revision.prepared or {}))
        seen = self.target.observe(revision)
        if seen.is_gone:
            seen = Seen(STARTING, seen.detail, seen.addresses)
        if seen.state == FAILED:
            self.target.remove(revision)
        self._see(revision, seen)

    def _take_down(self, revision: Revision) -> None:
        """Stop it when every gateway knows that it gets nothing, and has finished what it was at."""
        if not self.target.observe(revision).is_gone:
            if gateways_at(self.endpoint, self._routes()).behind:
                self.is_soon = True
                return
            self.target.remove(revision)
            if not self.target.observe(revision).is_gone:
                self.is_soon = True
                return
        self._see(revision, Seen(STOPPED, "", ()))

    def _see(self, revision: Revision, seen: Seen) -> None:
        is_same = (seen.state, seen.detail[:4000]) == (revision.observed_state, revision.observed_detail)
        is_there = seen.addresses is None or list(seen.addresses) == revision.addresses
        if is_same and is_there:
            return
        revision_observe(
            actor=self.step.actor, endpoint=self.endpoint, revision=revision, state=seen.state, detail=seen.detail,
            addresses=seen.addresses,
        )  # fmt: skip

    def _rollout(self) -> None:
        """Take steps of the roll-out as long as one is due."""
        related = ("revision__endpoint", "revision__version__model")
        while True:
            found = Rollout.objects.filter(endpoint=self.endpoint, ended_at=None).select_related(*related)
            rollout = found.first()
            step = step_of(rollout, now(), figures_of) if rollout else None
            if rollout is None or step is None:
                return
            try:
                rollout_advance(
                    actor=self.step.actor, endpoint=self.endpoint, rollout=rollout, act=step.act, reason=step.reason
                )  # fmt: skip
            except Conflict as error:
                log.info("step not taken", endpoint=str(self.endpoint), why=str(error))
                return

    def _retire(self) -> None:
        """What gets no traffic, and no roll-out brings traffic to or can go back to, is to stop."""
        for revision in self._revisions(desired_state=RUNNING):
            if not is_used(revision):
                revision_retire(
                    actor=self.step.actor, endpoint=self.endpoint, revision=revision,
                    reason="It gets no traffic, and no roll-out waits for it.",
                )  # fmt: skip

    def _drills(self) -> None:
        for drill in KillDrill.objects.filter(endpoint=self.endpoint, ended_at=None):
            found = gateways_at(self.endpoint, drill.route_revision)
            took = (now() - drill.started_at).total_seconds()
            if found.behind and took < DRILL_SECONDS:
                self.is_soon = True
                continue
            is_confirmed = bool(found.alive) and not found.behind
            outcome = f"All {len(found.alive)} gateways refused after {took:.2f} s."
            if found.behind:
                outcome = f"Not confirmed within {DRILL_SECONDS} s by {', '.join(found.behind)}."
            elif not found.alive:
                outcome = "No gateway is running, so nobody could confirm it."
            drill_confirm(
                actor=self.step.actor, endpoint=self.endpoint, drill=drill, gateways=len(found.alive),
                outcome=outcome, is_confirmed=is_confirmed,
            )  # fmt: skip

    def _routes(self) -> int:
        return int(Endpoint.objects.values_list("route_revision", flat=True).get(pk=self.endpoint.pk))


def _is_prepared(revision: Revision) -> bool:
    known = revision.prepared or {}
    return bool(known) and all(Path(known[name]).exists() for name in ("model", "python"))


def pause(step: JobStep, seconds: float) -> None:
    """Wait a little, and hear meanwhile that the job is to stop."""
    step.check()
    time.sleep(seconds)

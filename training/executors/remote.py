"""Runs work on a cluster: hands it over once, follows it, and takes in what came of it."""

from typing import Any

from django.utils.module_loading import import_string

from jobs.errors import CancelRequested, Permanent, Transient
from jobs.process.command import Exit
from jobs.process.run import end_record, log_write
from jobs.step import JobStep
from portal.kernel.errors import Unavailable
from training.executors.cluster import Cluster, Seen, Submission
from training.executors.following import Following, stopped
from training.executors.order import order_of, portal_url
from training.executors.protocol import Prepared
from training.models import TrainingClaim, TrainingJob
from training.models.claims import claim_folder
from training.services.claims import claim_end, claim_make
from training.work.deliveries import result_take, work_keep

SUBMISSION = "submission"


class RemoteExecutor:
    """An executor on top of a cluster. `connect` is the path of a function: clients are imported when used."""

    def __init__(self, connect: str) -> None:
        self._path = connect

    def run(self, step: JobStep, prepared: Prepared) -> Exit:
        cluster: Cluster = import_string(self._path)()
        try:
            claim = self._taken_up(step, prepared) or self._started(step, cluster, prepared)
            seen = Following(step, cluster, prepared, claim).wait()
        except CancelRequested:
            self._cancelled(step, cluster, prepared)
            raise
        _theft_check(claim, seen)
        result = result_take(claim, prepared.folder)
        if result is None:
            self._forget(step, prepared)
            raise Transient(
                f"{cluster.title} lost the work: it ended without a result. {seen.message}"[:1000]
            )
        return self._judged(step, prepared, result)

    def _taken_up(self, step: JobStep, prepared: Prepared) -> TrainingClaim | None:
        """What an earlier attempt has started, which goes on or has ended since."""
        claim = _claim(prepared)
        if claim is not None:
            log_write(step, f"taking up {prepared.key}, which an earlier attempt has started")
        return claim

    def _started(self, step: JobStep, cluster: Cluster, prepared: Prepared) -> TrainingClaim:
        """Hand the work over. What earlier attempts have left there is stopped first, so that one runs at a time."""
        training = prepared.training
        for key in cluster.active(training.pk.hex):
            log_write(step, f"stopping {key} of an earlier attempt")
            stopped(cluster, key)
        url = portal_url()
        path = f"{claim_folder(training.workspace_id, prepared.key)}/work.tar"
        order = order_of(prepared, work_keep(path, prepared.folder))
        code = claim_make(actor=step.actor, training=training, key=prepared.key, order=order)
        log_write(step, f"handing over to {cluster.title} as {prepared.key}")
        submission = Submission(
            key=prepared.key, training=training.pk.hex, name=training.name, claim=code, portal_url=url,
            resources=prepared.resources, seconds=prepared.command.limits.seconds or 0,
        )  # fmt: skip
        cluster.submit(submission)
        step.checkpoint({**step.cursor, SUBMISSION: prepared.key})
        return TrainingClaim.objects.select_related("training").get(key=prepared.key)

    def _judged(self, step: JobStep, prepared: Prepared, result: dict[str, Any]) -> Exit:
        found = Exit(**result["exit"])
        prepared.facts["machine"] = result["machine"]
        end_record(step, found, "")
        if result["changed_inputs"]:
            raise Permanent(
                f"The command changed its inputs: {', '.join(result['changed_inputs'])}. "
                "Inputs are read only; write to an output instead."
            )
        if not found.is_success:
            self._forget(step, prepared)
        return found

    def _cancelled(self, step: JobStep, cluster: Cluster, prepared: Prepared) -> None:
        """End it there. Where the cluster cannot be reached, the node hears of it, since its session is over."""
        claim = _claim(prepared)
        if claim is not None:
            claim_end(actor=step.actor, claim=claim)
        try:
            stopped(cluster, prepared.key)
        except (Unavailable, Permanent) as error:
            log_write(step, f"{error} The node ends the work when it asks the portal the next time.")

    def _forget(self, step: JobStep, prepared: Prepared) -> None:
        """The next attempt begins anew."""
        step.check()
        claim = _claim(prepared)
        if claim is not None:
            claim_end(actor=step.actor, claim=claim)
        step.checkpoint({name: value for name, value in step.cursor.items() if name != SUBMISSION})


def submission_of(step: JobStep, training: TrainingJob) -> str | None:
    """The submission that an earlier attempt left running, whose end nobody has taken in."""
    key = step.cursor.get(SUBMISSION)
    claims = TrainingClaim.objects.filter(training=training, key=key, ended_at=None)
    return str(key) if key and training.run is not None and claims.exists() else None


def _claim(prepared: Prepared) -> TrainingClaim | None:
    return TrainingClaim.objects.select_related("training").filter(key=prepared.key).first()


def _theft_check(claim: TrainingClaim, seen: Seen) -> None:
    """Raise Permanent when the program of the cluster came too late for its own claim: another one had used it."""
    claim.refresh_from_db()
    if claim.contested_at is not None and not seen.is_success:
        raise Permanent(
            f"The claim of this work was used from {claim.redeemed_from} and shown again from {claim.contested_from}, "
            "and the work on the cluster did not succeed. Somebody else may have got its secrets: its token is "
            "revoked; set the secrets that the specification names anew, and find out who reads the cluster's jobs."
        )

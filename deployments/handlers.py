"""Jobs of deployments. Every process imports this; targets come in when a job uses them."""

from datetime import timedelta

from deployments.keeping import KIND as KEEP_JOB
from deployments.keeping import inference_log_keep
from deployments.reconciling.due import WATCH_JOB, is_due, watch
from deployments.reconciling.preparing import PREPARE_JOB, prepare_ended, revision_prepare
from deployments.reconciling.reconcile import endpoint_reconcile
from deployments.routes import RECONCILE_JOB
from deployments.scoring.making import SCORE_JOB
from deployments.scoring.working import scoring_ended, scoring_run
from deployments.services.observing import CONFIRM, OBSERVE, RETIRE
from deployments.services.records import KEEP
from deployments.services.rollouts import ADVANCE
from deployments.services.scorings import SCORING_ACTIONS
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job

SECOND = timedelta(seconds=1)

job(
    RECONCILE_JOB, actions=[OBSERVE, RETIRE, ADVANCE, CONFIRM], max_attempts=20, retry_after=SECOND, restartable=True,
    queue=SYSTEM_QUEUE,
)(endpoint_reconcile)  # fmt: skip
job(
    PREPARE_JOB, actions=[OBSERVE], max_attempts=5, retry_after=5 * SECOND, restartable=True, ended=prepare_ended
)(revision_prepare)  # fmt: skip
job(WATCH_JOB, actions=[OBSERVE], max_attempts=1, queue=SYSTEM_QUEUE)(watch)
periodic(WATCH_JOB, every=2 * SECOND, wanted=is_due)
job(KEEP_JOB, actions=[KEEP], max_attempts=3, queue=SYSTEM_QUEUE)(inference_log_keep)
periodic(KEEP_JOB, every=timedelta(hours=1))
job(
    SCORE_JOB, actions=SCORING_ACTIONS, max_attempts=5, retry_after=5 * SECOND, restartable=True, ended=scoring_ended
)(scoring_run)  # fmt: skip

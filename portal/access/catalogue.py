"""Every action of the portal and the roles that may do it. What is not listed here cannot be done.

Roles of a workspace include each other: a maintainer is a contributor, and whoever holds any role reads.
`operator` and `auditor` are portal-wide: an operator runs the portal but writes nothing inside a workspace,
an auditor reads everything and writes nothing.
"""

from dataclasses import dataclass

VIEWER = frozenset({"viewer", "contributor", "maintainer", "approver"})
CONTRIBUTOR = frozenset({"contributor", "maintainer"})
MAINTAINER = frozenset({"maintainer"})
APPROVER = frozenset({"approver"})
DECIDER = APPROVER | MAINTAINER
OPERATOR = frozenset({"operator"})
ANYONE = frozenset({"anyone"})


@dataclass(frozen=True)
class Action:
    """One act: its name is the permission, the audit action and the API's operationId.

    `roles` may hold workspace roles, `operator`, or `anyone` (every signed-in actor, for what is their own).
    """

    name: str
    roles: frozenset[str]
    is_write: bool

    @property
    def subject(self) -> str:
        """`run` of `experiments.run.create`."""
        return self.name.split(".")[1]


def _reads(*names: str, roles: frozenset[str] = VIEWER) -> dict[str, Action]:
    return {name: Action(name, roles, is_write=False) for name in names}


def _writes(*names: str, roles: frozenset[str]) -> dict[str, Action]:
    return {name: Action(name, roles, is_write=True) for name in names}


ACTIONS: dict[str, Action] = {
    **_reads("portal.home.read", "portal.search.read", "portal.api.describe", roles=ANYONE),
    **_reads(
        "portal.table.export", roles=ANYONE
    ),  # of what a list shows; leaves an event like runs that leave
    **_reads("accounts.workspace.list", "accounts.token.list", "accounts.self.read", roles=ANYONE),
    **_writes("accounts.token.issue", "accounts.token.revoke", roles=ANYONE),
    # Recorded by sign-in itself, which is no operation.
    **_writes("accounts.session.start", "accounts.session.end", roles=ANYONE),
    **_writes("accounts.password.change", "accounts.factor.change", roles=ANYONE),
    **_writes("accounts.session.revoke", roles=ANYONE),
    **_reads("accounts.workspace.read", "accounts.membership.list", "audit.event.list"),
    **_writes("accounts.membership.add", "accounts.membership.remove", roles=MAINTAINER | OPERATOR),
    **_writes("accounts.workspace.update", roles=MAINTAINER | OPERATOR),
    **_reads("accounts.user.list", "accounts.user.read", roles=OPERATOR),
    **_writes("accounts.workspace.create", "accounts.user.create", "accounts.user.update", roles=OPERATOR),
    **_reads("accounts.auditor_grant.list", roles=ANYONE),
    **_writes("accounts.auditor_grant.give", "accounts.auditor_grant.revoke", roles=OPERATOR),
    **_reads("training.job.list", "training.job.read"),
    **_writes("training.job.submit", "training.job.clone", "training.code.upload", roles=CONTRIBUTOR),
    **_reads("training.code.list", "training.code.read", "training.code.download"),
    **_reads("training.schema.read", roles=ANYONE),
    **_reads("training.reproduction.list", "training.reproduction.read", "training.reproduction.download"),
    **_writes("training.reproduction.begin", roles=CONTRIBUTOR),
    **_writes("training.reproduction.certify", roles=frozenset()),
    # Work on a cluster: the program there acts by its claim, and no account does.
    **_reads("training.claim.read", roles=frozenset()),
    **_writes("training.claim.make", "training.claim.open", "training.claim.redeem", roles=frozenset()),
    **_writes("training.claim.contest", "training.claim.report", "training.claim.end", roles=frozenset()),
    **_writes("training.claim.clear", roles=frozenset()),
    # What the portal's own jobs do for whoever asked for a training.
    **_writes("training.job.record", "training.job.begin", "training.job.end", roles=frozenset()),
    **_reads("training.sweep.list", "training.sweep.read", "training.trial.list"),
    **_reads("training.sweep.describe", roles=ANYONE),
    **_writes("training.sweep.start", "training.sweep.stop", roles=CONTRIBUTOR),
    **_writes("training.sweep.advance", "training.sweep.explain", roles=frozenset()),
    **_reads("training.pipeline.list", "training.pipeline.read"),
    **_reads("training.pipeline_run.list", "training.pipeline_run.read"),
    **_reads(
        "training.schedule.list", "training.schedule.read", "training.trigger.list", "training.trigger.read"
    ),
    **_writes("training.pipeline.save", "training.pipeline.run", roles=CONTRIBUTOR),
    **_writes("training.pipeline.cancel", "training.pipeline.resume", roles=CONTRIBUTOR),
    **_writes(
        "training.schedule.create", "training.schedule.pause", "training.schedule.delete", roles=CONTRIBUTOR
    ),
    **_writes(
        "training.trigger.create", "training.trigger.pause", "training.trigger.delete", roles=CONTRIBUTOR
    ),
    **_writes(
        "training.pipeline.advance", "training.schedule.fire", "training.trigger.fire", roles=frozenset()
    ),
    **_reads("experiments.experiment.read", "experiments.run.read", "experiments.dataset.read"),
    **_reads("experiments.model.read", "experiments.artifact.read"),
    # Registered datasets. What their files hold is noted by the job that reads them.
    **_reads("experiments.dataset.list", "experiments.dataset.download", "experiments.dataset.compare"),
    **_reads("experiments.dataset_version.list", "experiments.dataset_version.read"),
    **_writes("experiments.dataset.register", roles=CONTRIBUTOR),
    **_writes("experiments.dataset.describe", roles=frozenset()),
    # Measuring models and data; what was seen is recorded by the jobs that looked.
    **_reads("training.evaluation.list", "training.evaluation.read"),
    **_reads("training.data_check.list", "training.data_check.read"),
    **_writes("training.evaluation.begin", "training.data_check.begin", roles=CONTRIBUTOR),
    **_writes("training.evaluation.record", "training.evaluation.end", roles=frozenset()),
    **_writes("training.data_check.record", roles=frozenset()),
    **_writes("experiments.experiment.create", "experiments.experiment.update", roles=CONTRIBUTOR),
    **_writes("experiments.experiment.tag", roles=CONTRIBUTOR),
    **_writes("experiments.experiment.delete", "experiments.experiment.restore", roles=MAINTAINER),
    **_writes("experiments.run.create", "experiments.run.update", "experiments.run.log", roles=CONTRIBUTOR),
    **_writes("experiments.run.tag", "experiments.run.delete", "experiments.run.restore", roles=CONTRIBUTOR),
    **_writes(
        "experiments.model.create", "experiments.model.update", "experiments.model.log", roles=CONTRIBUTOR
    ),
    **_writes("experiments.model.tag", "experiments.model.delete", roles=CONTRIBUTOR),
    **_reads("experiments.report.list", "experiments.report.read"),
    **_writes("experiments.report.create", "experiments.report.write", roles=CONTRIBUTOR),
    **_writes("experiments.report.delete", "experiments.report.restore", roles=CONTRIBUTOR),
    **_writes("experiments.artifact.write", roles=CONTRIBUTOR),
    **_writes("experiments.artifact.delete", roles=MAINTAINER),
    # Stars, colours and layouts are each person's own; saved views belong to the workspace.
    **_writes("experiments.layout.save", roles=ANYONE),
    **_writes("experiments.run.mark", roles=VIEWER),
    **_writes(
        "experiments.view.save", "experiments.view.default", "experiments.view.delete", roles=CONTRIBUTOR
    ),
    # How long runs are kept. Who maintains a workspace says so; the job that collects what is over does the rest.
    **_reads("experiments.retention.read", "experiments.storage.read"),
    **_reads("experiments.collection.list", "experiments.collection.read", "experiments.collection.download"),
    **_writes("experiments.retention.update", "experiments.collection.start", roles=MAINTAINER),
    **_writes("experiments.collection.record", "experiments.collection.finish", roles=frozenset()),
    **_writes(
        "experiments.run.purge", "experiments.orphan.purge", "experiments.upload.clear", roles=frozenset()
    ),
    **_writes("experiments.storage.count", roles=frozenset()),
    **_reads("experiments.run.export"),  # leaves an event: what it takes out is no longer guarded here
    **_reads("jobs.job.list", "jobs.job.read"),
    **_writes("jobs.job.enqueue", "jobs.job.cancel", roles=CONTRIBUTOR | OPERATOR),
    # What processes of jobs leave, and the secrets that they use: their names are read, their values never.
    **_reads("jobs.log.read", "jobs.progress.read", "jobs.attempt.list"),
    **_reads("jobs.secret.list", roles=CONTRIBUTOR),
    **_writes("jobs.progress.report", roles=CONTRIBUTOR),
    **_writes("jobs.secret.set", "jobs.secret.delete", roles=MAINTAINER),
    **_writes("jobs.job.finish", "experiments.model.digest", roles=frozenset()),
    # Queues and workers serve all workspaces, so operators run them. Operations look closer at whose job it is.
    **_writes("jobs.job.retry", roles=CONTRIBUTOR | OPERATOR),
    **_writes("jobs.job.prioritise", roles=MAINTAINER | OPERATOR),
    **_reads("jobs.queue.list", "jobs.queue.read", roles=ANYONE),
    **_reads("jobs.quota.list"),
    **_reads("jobs.worker.list", "jobs.console.read", roles=OPERATOR),
    **_writes("jobs.queue.create", "jobs.queue.update", roles=OPERATOR),
    **_writes("jobs.queue.pause", "jobs.queue.resume", roles=OPERATOR),
    **_writes("jobs.quota.set", "jobs.quota.remove", roles=OPERATOR),
    # The signed log over all events: its heads are for everybody, proofs for who may read the event.
    **_reads("audit.log.read", "audit.checkpoint.list", "audit.checkpoint.read", roles=ANYONE),
    **_reads("audit.consistency.read", roles=ANYONE),
    **_reads("audit.inclusion.read", "audit.receipt.read"),
    # Reading too, though it leaves an event: auditors export.
    **_reads("audit.log.export", roles=OPERATOR),
    **_writes("audit.detail.erase", roles=OPERATOR),
    # By the job that watches the log alone.
    **_writes("audit.trouble.open", "audit.trouble.close", roles=frozenset()),
    # What pages of the registry and of compliance show.
    **_reads("registry.model.read", "registry.version.read", "registry.card.read", "registry.lineage.read"),
    **_reads("compliance.request.read", "compliance.policy.read", "compliance.finding.read"),
    **_reads("compliance.evidence.read", "compliance.system.read", "compliance.delegation.read"),
    **_reads("compliance.inbox.read", roles=ANYONE),
    # Evidence: people state, the portal records what it saw, also as a part of what somebody does.
    # Policies, requests, decisions. Operations look closer: who proposed, who is excluded, which role is asked for.
    **_reads("compliance.approval.read", "compliance.evaluation.read", "compliance.waiver.read"),
    **_reads("compliance.request.list", "compliance.decision.list", "compliance.approval.list"),
    **_reads("compliance.policy_version.read", "compliance.policy_version.list", "compliance.policy.list"),
    **_reads("compliance.waiver.list", "compliance.delegation.list", "compliance.evaluation.list"),
    **_reads("compliance.evaluation.replay", "compliance.evaluation.preview"),
    **_reads("compliance.policy.describe", roles=ANYONE),
    **_writes("compliance.request.create", "compliance.request.submit", roles=CONTRIBUTOR),
    **_writes("compliance.request.withdraw", roles=CONTRIBUTOR),
    # Whoever belongs to the workspace may be a delegate; in which role one decides, the request tells.
    **_writes("compliance.decision.make", roles=VIEWER),
    **_writes("compliance.request.break_glass", "compliance.approval.revoke", roles=DECIDER),
    **_writes("compliance.approval.confirm", "compliance.delegation.revoke", roles=VIEWER),
    **_writes("compliance.delegation.create", "compliance.waiver.end", roles=DECIDER),
    **_writes("compliance.waiver.request", roles=CONTRIBUTOR),
    **_writes("compliance.waiver.decide", roles=APPROVER),
    # An operator's part are the portal-wide policies; of a workspace's own, its roles decide (the operations check).
    **_writes("compliance.policy.propose", "compliance.policy.retire", roles=MAINTAINER | OPERATOR),
    **_writes("compliance.policy.publish", "compliance.policy.reject", roles=APPROVER | OPERATOR),
    **_writes("compliance.request.expire", roles=frozenset()),
    # What the gate does in consequence of something else; nobody does it by hand.
    **_writes("compliance.request.invalidate", "compliance.approval.grant", roles=frozenset()),
    **_writes("compliance.request.restate", roles=frozenset()),
    **_writes("compliance.approval.supersede", "compliance.approval.reinstate", roles=frozenset()),
    **_writes("compliance.approval.lapse", "compliance.approval.use", roles=frozenset()),
    **_writes("compliance.evidence.attest", roles=CONTRIBUTOR),
    **_writes("registry.card.edit", roles=CONTRIBUTOR),
    **_reads("registry.signing_key.list", "registry.document_key.list", roles=ANYONE),
    **_reads("registry.card_schema.read", roles=ANYONE),
    **_reads("compliance.evidence.list", "registry.signature.read", "registry.bom.read"),
    **_reads(
        "registry.card.list", "registry.card.export", "registry.card.compare", "registry.card_state.read"
    ),
    **_writes("registry.version.scan", "registry.version.sign", roles=CONTRIBUTOR),
    **_writes("registry.version.check_signature", "registry.version.bill", roles=CONTRIBUTOR),
    **_writes("registry.card.prefill", roles=frozenset()),
    **_writes("compliance.evidence.record", roles=CONTRIBUTOR | frozenset({"approver"})),
    # What follows from decisions: findings, webhooks, notices. Operations look closer at who owns and who made what.
    **_writes("compliance.finding.open", "compliance.finding.close", roles=VIEWER),
    **_writes("compliance.finding.assign", "compliance.finding.reschedule", roles=MAINTAINER),
    **_reads("compliance.finding.list", "compliance.notice.list", "compliance.notice.read"),
    **_reads("compliance.webhook.list", "compliance.webhook.read", roles=MAINTAINER),
    **_reads("compliance.delivery.list", "compliance.delivery.read", roles=MAINTAINER),
    **_reads("compliance.recertification.list", "compliance.recertification.read"),
    **_writes("compliance.recertification.complete", roles=APPROVER),
    **_writes("compliance.recertification.ask", "compliance.recertification.end", roles=frozenset()),
    **_writes("compliance.webhook.create", "compliance.webhook.update", roles=MAINTAINER),
    **_writes("compliance.webhook.delete", "compliance.webhook.test", roles=MAINTAINER),
    **_writes("compliance.delivery.replay", roles=MAINTAINER),
    **_writes("compliance.delivery.attempt", "compliance.notice.clear", roles=frozenset()),
    **_reads("compliance.hold.list", "compliance.retention.list"),
    **_writes("compliance.hold.place", "compliance.hold.release", roles=MAINTAINER | OPERATOR),
    **_reads("compliance.access_review.list", "compliance.access_review.read", roles=MAINTAINER),
    **_writes(
        "compliance.access_review.start", "compliance.access_review.decide", roles=MAINTAINER | OPERATOR
    ),
    **_writes("compliance.access_review.complete", roles=MAINTAINER | OPERATOR),
    # The registry. What a policy protects moves only through the gate, whatever the role.
    **_writes("registry.model.create", "registry.model.update", "registry.model.tag", roles=CONTRIBUTOR),
    **_writes(
        "registry.version.create", "registry.version.update", "registry.version.tag", roles=CONTRIBUTOR
    ),
    **_writes("registry.model.rename", "registry.model.delete", "registry.version.delete", roles=MAINTAINER),
    **_writes("registry.alias.move", "registry.alias.remove", "registry.stage.move", roles=CONTRIBUTOR),
    **_reads("registry.model.list", "registry.version.list", "registry.alias.list", "registry.alias.read"),
    **_reads("registry.alias_history.list"),
    **_writes("registry.version.verify", roles=CONTRIBUTOR | APPROVER),
    **_writes("registry.version.digest", roles=frozenset()),
    # Lineage, AI systems. Whoever lowers a risk tier lowers what approves: that is for approvers.
    **_reads("registry.blast_radius.read", "registry.system_model.list"),
    **_reads("compliance.system.list", "compliance.control.list", "compliance.coverage.read"),
    **_reads("registry.history.read"),
    **_writes(
        "compliance.system.create", "compliance.system.update", "compliance.system.retire", roles=MAINTAINER
    ),
    **_writes("compliance.system.reclassify", roles=frozenset({"approver"})),
    **_writes("registry.system_model.link", "registry.system_model.unlink", roles=MAINTAINER),
    **_reads("registry.technical_file.list", "registry.technical_file.read"),
    **_writes("registry.technical_file.create", roles=MAINTAINER | frozenset({"approver"})),
    # Deployments. A protected environment takes what the gate lets through, whatever the role; stopping is never gated.
    **_reads("deployments.endpoint.list", "deployments.endpoint.read"),
    **_reads("deployments.revision.list", "deployments.revision.read", "deployments.rollout.list"),
    # Scoring changes nothing, so a token that may only read is enough for a program that scores.
    **_reads("deployments.endpoint.invoke"),
    **_writes("deployments.endpoint.create", "deployments.endpoint.update", roles=CONTRIBUTOR),
    **_writes("deployments.revision.create", "deployments.revision.rollback", roles=CONTRIBUTOR),
    **_writes("deployments.endpoint.stop", roles=CONTRIBUTOR | APPROVER | OPERATOR),
    **_writes("deployments.endpoint.start", "deployments.endpoint.drill", roles=MAINTAINER),
    **_writes("deployments.endpoint.delete", roles=MAINTAINER),
    **_writes("deployments.rollout.pause", "deployments.rollout.resume", roles=CONTRIBUTOR),
    **_writes("deployments.rollout.abort", "deployments.rollout.promote", roles=CONTRIBUTOR),
    # Scoring data makes a dataset, so it is for contributors; the gate is that of the environment.
    **_reads("deployments.scoring.list", "deployments.scoring.read"),
    **_writes("deployments.scoring.begin", roles=CONTRIBUTOR),
    **_writes(
        "deployments.scoring.note", "deployments.scoring.record", "deployments.scoring.end", roles=frozenset()
    ),
    # What the portal's own job and the serving nodes see, and what follows from it.
    **_writes("deployments.revision.observe", "deployments.revision.retire", roles=frozenset()),
    **_writes("deployments.rollout.advance", "deployments.drill.confirm", roles=frozenset()),
    **_writes("deployments.server.observe", roles=frozenset()),
    # Monitoring. Whoever may deploy says what is watched; what alerts do goes through the actions of those things.
    **_reads(
        "monitoring.monitor.list", "monitoring.monitor.read", "monitoring.run.list", "monitoring.run.read"
    ),
    **_reads("monitoring.alert.list", "monitoring.alert.read", "monitoring.plan.read"),
    **_reads("monitoring.metrics.read", roles=OPERATOR),
    **_writes("monitoring.monitor.create", "monitoring.monitor.update", roles=CONTRIBUTOR),
    **_writes("monitoring.monitor.delete", "monitoring.monitor.silence", roles=CONTRIBUTOR),
    **_writes("monitoring.monitor.measure", "monitoring.feedback.write", roles=CONTRIBUTOR),
    **_writes("monitoring.alert.acknowledge", "monitoring.alert.silence", roles=CONTRIBUTOR),
    **_writes("monitoring.alert.resolve", roles=CONTRIBUTOR),
    **_writes("monitoring.plan.put", roles=MAINTAINER),
    **_writes("monitoring.plan.review", roles=VIEWER),
    # What the portal's own jobs measure, and do by the rules of monitors.
    **_writes(
        "monitoring.run.record", "monitoring.alert.open", "monitoring.alert.escalate", roles=frozenset()
    ),
    **_writes("monitoring.alert.end", "monitoring.alert.note", roles=frozenset()),
    **_writes("deployments.inference_log.keep", "monitoring.run.purge", roles=frozenset()),
    # Bringing over what other trackers hold: its rows carry other people's names and times of the past.
    **_writes(
        "transfer.source.begin", "transfer.source.finish", "transfer.experiment.import", roles=MAINTAINER
    ),
    **_writes("transfer.run.import", "transfer.metric.import", "transfer.file.import", roles=MAINTAINER),
    **_writes("transfer.logged_model.import", "transfer.registered_model.import", roles=MAINTAINER),
    **_writes("transfer.metric.replace", roles=MAINTAINER),
    **_writes("transfer.run.set_aside", roles=frozenset()),
    # Asking for it: the job then does it as whoever asked, with the roles that they have by then.
    **_writes("transfer.import.request", roles=MAINTAINER),
    **_reads("transfer.import.list", "transfer.import.read", roles=VIEWER),
    # Taking a workspace out: what is outside is no longer guarded here.
    **_writes("transfer.export.begin", "transfer.export.note", "transfer.export.finish", roles=MAINTAINER),
    # The auditor console: auditors and operators read; what is sensitive leaves an event of its own.
    **_reads("console.page.read", "console.event.read", "console.evidence.read", roles=OPERATOR),
    **_reads("console.dossier.read", "console.record.export", roles=OPERATOR),
}

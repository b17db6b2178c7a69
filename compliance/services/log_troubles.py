"""Troubles of the audit log: opened and closed by the job that watches it, never by a person."""

from compliance.services.notices import notice_write
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.audit.models import AuditTrouble
from portal.audit.troubles import Trouble, what_ended
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from portal.operations import operation

OPEN, CLOSE = "audit.trouble.open", "audit.trouble.close"
_PAGE = "/console/"


@operation(OPEN, on="found")
def trouble_open(*, actor: Actor, found: Trouble) -> AuditTrouble:
    """Note a trouble, and tell operators and auditors. Raises Conflict while it is open already."""
    if AuditTrouble.objects.filter(key=found.key, closed_at=None).exists():
        raise Conflict(f"The trouble of the {found.key} is open already.", code="already_exists")
    made = AuditTrouble.objects.create(key=found.key, said=found.said, since=found.since, opened_at=now())
    _tell(actor, made, "audit_log.troubled", f"Audit log, {made.key}: {made.said}")
    return made


@operation(CLOSE, on="trouble")
def trouble_close(*, actor: Actor, trouble: AuditTrouble) -> AuditTrouble:
    """End a trouble whose matter is in order again, with the fact that shows it. Raises Conflict once it is closed."""
    if trouble.closed_at is not None:
        raise Conflict(f"The trouble of the {trouble.key} is closed already.", code="already_closed")
    trouble.closed_at, trouble.closure = now(), what_ended(trouble)
    trouble.save(update_fields=["closed_at", "closure"])
    _tell(actor, trouble, "audit_log.recovered", f"Audit log, {trouble.key}: {trouble.closure}")
    return trouble


def _tell(actor: Actor, trouble: AuditTrouble, topic: str, title: str) -> None:
    people = User.objects.filter(is_active=True)
    told = people.filter(is_operator=True) | people.filter(is_auditor=True)
    notice_write(
        actor=actor, workspace_id=None, topic=topic, title=title, url=_PAGE,
        data={"key": trouble.key, "since": trouble.since.isoformat(), "closure": trouble.closure},
        to_users=list(told.values_list("pk", flat=True)),
    )  # fmt: skip

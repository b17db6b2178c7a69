"""Whether the log is signed and copied in time: what is in trouble now, and what ended a trouble that is over."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from portal.audit.log import checkpoint_latest, oldest_waiting_seconds
from portal.audit.models import AuditCheckpoint, AuditTrouble, AuditWitness
from portal.audit.witnesses import witness_name
from portal.kernel.clock import now

# All events are promised to be signed within this time, and copies to have left within the other.
UNSIGNED = dt.timedelta(seconds=60)
OVERDUE = dt.timedelta(minutes=5)
SEQUENCER, WITNESS = "sequencer", "witness "


@dataclass(frozen=True)
class Trouble:
    """What is in trouble, in a sentence, and since when."""

    key: str
    said: str
    since: dt.datetime

    workspace_id: None = None

    @property
    def pk(self) -> str:
        return self.key

    def __str__(self) -> str:
        return self.key


def troubles_now() -> list[Trouble]:
    """What is in trouble, by what the database and the settings say."""
    found = [_sequencer(), *(_witness(witness_name(each)) for each in settings.AUDIT_WITNESSES)]
    return [each for each in found if each is not None]


def troubles_new() -> list[Trouble]:
    """Those that are not open yet."""
    known = set(AuditTrouble.objects.filter(closed_at=None).values_list("key", flat=True))
    return [each for each in troubles_now() if each.key not in known]


def troubles_over() -> list[AuditTrouble]:
    """Open ones whose matter is in order again."""
    lasting = {each.key for each in troubles_now()}
    return list(AuditTrouble.objects.filter(closed_at=None).exclude(key__in=lasting).order_by("since"))


def what_ended(trouble: AuditTrouble) -> str:
    """The dated fact that shows that a trouble is over."""
    if trouble.key == SEQUENCER:
        latest = checkpoint_latest()
        if latest is None:
            return "No event waits."
        return f"The checkpoint of size {latest.size} was signed at {_said(latest.created_at)}."
    row = AuditWitness.objects.filter(name=trouble.key.removeprefix(WITNESS)).first()
    if row is None or row.delivered_at is None or row.name not in map(witness_name, settings.AUDIT_WITNESSES):
        return "The settings name this witness no more."
    return f"It took the checkpoint of size {row.size} at {_said(row.delivered_at)}."


def _sequencer() -> Trouble | None:
    seconds = oldest_waiting_seconds()
    if seconds <= UNSIGNED.total_seconds():
        return None
    since = now() - dt.timedelta(seconds=seconds)
    return Trouble(
        SEQUENCER,
        f"An event of {_said(since)} is not signed yet: the sequencer does not run, or refuses to sign.",
        since,
    )


def _witness(name: str) -> Trouble | None:
    """A witness without what was signed a while ago, whether it refuses or nobody asks it."""
    row = AuditWitness.objects.filter(name=name).first()
    missing = AuditCheckpoint.objects.filter(size__gt=row.size if row else 0).order_by("size").first()
    if missing is None or missing.created_at > now() - OVERDUE:
        return None
    reason = f" {row.problem}" if row and row.problem else ""
    said = f"It lacks the checkpoint of size {missing.size}, signed at {_said(missing.created_at)}.{reason}"
    return Trouble(f"{WITNESS}{name}", said[:600], missing.created_at)


def _said(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(" ", "seconds").replace("+00:00", " UTC")

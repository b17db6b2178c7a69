"""The job that ends what the outbox keeps: notices whose time is over, with their deliveries."""

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet

from compliance.models import Delivery, LegalHold, Notice
from compliance.retention import lifetime
from compliance.services.deliveries import WAITING
from compliance.services.notices import CLEAR, notices_clear
from jobs.errors import NothingToDo
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.clock import now

KIND = "compliance.clear_outbox"
AT_ONCE = 1000


@job(KIND, actions=[CLEAR], max_attempts=3, queue=SYSTEM_QUEUE)
def clear_outbox(step: JobStep) -> dict[str, int]:
    """Delete what is over, some at a time. What waits to be delivered stays, and all of a workspace on hold."""
    ids = list(_over().values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        raise NothingToDo("No notice is older than the outbox keeps them.")
    return {"deleted": notices_clear(actor=step.actor, ids=ids)}


def _over() -> QuerySet[Notice]:
    waiting = Delivery.objects.filter(notice=OuterRef("pk"), state=WAITING)
    held = LegalHold.objects.filter(
        workspace=OuterRef("workspace"), subject_type="workspace", released_at=None
    )
    old = Notice.objects.filter(created_at__lt=now() - lifetime("outbox"))
    return old.filter(~Exists(waiting), ~Exists(held)).order_by("id")


periodic(KIND, every=dt.timedelta(hours=1), wanted=lambda: _over().exists())

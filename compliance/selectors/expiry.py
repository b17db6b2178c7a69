"""What the clock has ended and nobody has recorded yet."""

from django.db.models import QuerySet

from compliance.models import Approval, ApprovalRequest, Waiver
from compliance.models.approvals import EFFECTIVE, PENDING_STATES
from portal.kernel.clock import now

AT_ONCE = 200


def requests_due() -> QuerySet[ApprovalRequest]:
    """Pending requests whose time is over."""
    return ApprovalRequest.objects.filter(state__in=PENDING_STATES, expires_at__lte=now()).order_by(
        "expires_at"
    )


def approvals_due() -> QuerySet[Approval]:
    """Unused approvals whose time is over."""
    return Approval.objects.filter(state=EFFECTIVE, used_at=None, expires_at__lte=now()).order_by("id")


def unconfirmed_due() -> QuerySet[Approval]:
    """Break-glass that nobody confirmed in time."""
    late = Approval.objects.filter(state=EFFECTIVE, confirmed_at=None, confirm_by__lte=now())
    return late.select_related("request").order_by("id")


def waivers_due() -> QuerySet[Waiver]:
    """Waivers whose time is over."""
    return Waiver.objects.filter(state__in=["requested", "granted"], expires_at__lte=now()).order_by("id")


def anything_due() -> bool:
    """Whether the clock has ended anything; four look-ups by index."""
    return any(rows.exists() for rows in (requests_due(), approvals_due(), unconfirmed_due(), waivers_due()))

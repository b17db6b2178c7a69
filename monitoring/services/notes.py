"""Notes on alerts: what a job did for them."""

from typing import Any

from monitoring.models import Alert
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.operations import operation

NOTE = "monitoring.alert.note"


@operation(NOTE, on="alert")
def alert_note(*, actor: Actor, alert: Alert, entry: dict[str, Any]) -> Alert:
    """Note what was done; the newest note of an action counts."""
    noted = {**entry, "outcome": str(entry["outcome"])[:1000], "at": now().isoformat()}
    alert.done = [*(each for each in alert.done if each["action"] != entry["action"]), noted]
    alert.save(update_fields=["done"])
    return alert

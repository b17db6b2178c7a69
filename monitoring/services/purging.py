"""The end of measurements. PostgreSQL refuses to delete any other: none that found something, none under a hold."""

import datetime as dt
import hashlib

from compliance.models import LegalHold
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel import sql
from portal.operations import Changed, operation

PURGE = "monitoring.run.purge"
AT_ONCE = 5000
_OVER = """
FROM monitoring_monitorrun r JOIN monitoring_monitor m ON m.id = r.monitor_id
WHERE r.state NOT IN ('warn', 'alert') AND r.made_at < %(before)s
    AND NOT EXISTS (SELECT FROM monitoring_alert a WHERE a.run_id = r.id)
    AND EXISTS (SELECT FROM monitoring_monitorrun n WHERE n.monitor_id = r.monitor_id AND n.id > r.id)
"""
_WORKSPACES = f"SELECT DISTINCT m.workspace_id {_OVER}"
_DELETE = f"""
DELETE FROM monitoring_monitorrun WHERE id IN (
    SELECT r.id {_OVER} AND m.workspace_id = %(workspace)s ORDER BY r.made_at LIMIT %(limit)s)
RETURNING id, monitor_id, made_at
"""  # noqa: S608 - a constant of ours


def workspaces_over(before: dt.datetime) -> list[Workspace]:
    """Where measurements made before a time wait for their end, and nothing is on hold."""
    found = [pk for (pk,) in sql.rows(_WORKSPACES, {"before": before})]
    held = LegalHold.objects.filter(released_at=None).values("workspace")
    return list(Workspace.objects.filter(pk__in=found).exclude(pk__in=held).order_by("pk"))


@operation(PURGE, on="workspace", lock="share")
def runs_purge(*, actor: Actor, workspace: Workspace, before: dt.datetime) -> Changed[int]:
    """Delete the oldest measurements made before a time, up to AT_ONCE; how many it were.

    What stays: those beyond a threshold, those that an alert names, and the newest of each monitor. The event has the
    count, the time that they are from and until, and a digest of their ids.
    """
    sql.rows("SELECT set_config('portal.purging', 'monitoring_monitorrun', true)")
    gone = sql.rows(_DELETE, {"before": before, "workspace": workspace.pk, "limit": AT_ONCE})
    times = sorted(made_at for _, _, made_at in gone)
    ids = "\n".join(sorted(pk.hex for pk, _, _ in gone))
    said = {
        "measurements": len(gone), "monitors": len({monitor for _, monitor, _ in gone}),
        "made_from": times[0].isoformat() if times else None, "made_until": times[-1].isoformat() if times else None,
        "ids_sha256": hashlib.sha256(ids.encode()).hexdigest(),
    }  # fmt: skip
    return Changed(len(gone), before={}, after=said)

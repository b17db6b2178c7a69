"""Acts on many runs at once: one operation, one transaction, one audit event about the set of them."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from compliance.services.holds import held_ids, hold_check
from experiments.models import RunSet
from experiments.models.experiment import ACTIVE, DELETED
from experiments.services.holds import not_collected_check
from experiments.validation.batches import tag_checked
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel import sql
from portal.kernel.clock import now_ms
from portal.kernel.errors import InvalidInput, NotFound
from portal.operations import Changed, operation

ACTED_ON_AT_MOST, EXPORTED_AT_MOST = 10_000, 100_000
_HOLD = """
SELECT id, experiment_id, lifecycle_stage FROM experiments_run WHERE id = ANY(%s) AND workspace_id = %s
ORDER BY id FOR NO KEY UPDATE
"""
_STAGE = """
UPDATE experiments_run SET lifecycle_stage = %(stage)s, deleted_time = %(at)s, changes = changes + 1
WHERE id = ANY(%(ids)s) AND lifecycle_stage <> %(stage)s
"""
_TAG = """
INSERT INTO experiments_runtag (run_id, experiment_id, key, value)
SELECT id, experiment_id, %(key)s, %(value)s FROM experiments_run WHERE id = ANY(%(ids)s)
ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value
"""
_UNTAG = "DELETE FROM experiments_runtag WHERE run_id = ANY(%(ids)s) AND key = %(key)s"
_COUNT_UP = "UPDATE experiments_run SET changes = changes + 1 WHERE id = ANY(%(ids)s)"


@operation("experiments.run.delete", on="workspace", lock="share")
def runs_delete(
    *, actor: Actor, workspace: Workspace, run_ids: Sequence[UUID], found_by: str = ""
) -> Changed[int]:
    """Mark runs as deleted; how many were not before. Raises PolicyViolation when one of them is on hold."""
    held = _held(workspace, run_ids)
    on_hold = set(held_ids(workspace.pk, "run"))
    subjects: list[tuple[str, object]] = [("run", run_id) for run_id, _, _ in held if run_id.hex in on_hold]
    subjects += [("experiment", number) for number in {number for _, number, _ in held}]
    what = f"These {len(held):,} runs cannot be deleted together"
    hold_check(workspace_id=workspace.pk, subjects=subjects, what=what)
    return _stage_set(workspace, held, DELETED, now_ms(), found_by)


@operation("experiments.run.restore", on="workspace", lock="share")
def runs_restore(
    *, actor: Actor, workspace: Workspace, run_ids: Sequence[UUID], found_by: str = ""
) -> Changed[int]:
    """Bring deleted runs back; how many were deleted. Raises Conflict when one of them is being purged."""
    held = _held(workspace, run_ids)
    not_collected_check(run_id for run_id, _, _ in held)
    return _stage_set(workspace, held, ACTIVE, None, found_by)


@operation("experiments.run.tag", on="workspace", lock="share")
def runs_tag(
    *,
    actor: Actor,
    workspace: Workspace,
    run_ids: Sequence[UUID],
    key: str,
    value: str | None,
    found_by: str = "",
) -> Changed[int]:
    """Set a tag of runs, or take it away (None); tags of MLflow's own are not for many at once."""
    if not key or key.startswith("mlflow."):
        raise InvalidInput("Name a tag of your own: those that begin with mlflow. say what a single run is.")
    checked = tag_checked(key, value or "")
    held = _held(workspace, run_ids)
    if any(stage != ACTIVE for _, _, stage in held):
        raise InvalidInput("Some of these runs are deleted. Restore them first, or choose active ones.")
    asked = {"ids": [run_id for run_id, _, _ in held], "key": key, "value": checked}
    sql.execute(
        _UNTAG if value is None else _TAG, asked if value is not None else {"ids": asked["ids"], "key": key}
    )
    sql.execute(_COUNT_UP, {"ids": asked["ids"]})
    return _changed(workspace, held, {f"tags.{key}": None if value is None else checked}, len(held), found_by)


@operation("experiments.run.export", on="workspace", lock="share")
def runs_export(
    *, actor: Actor, workspace: Workspace, run_ids: Sequence[UUID], form: str, found_by: str = ""
) -> Changed[int]:
    """Note that somebody takes runs out of the portal, in which form; how many."""
    if len(run_ids) > EXPORTED_AT_MOST:
        raise InvalidInput(f"At most {EXPORTED_AT_MOST:,} runs leave at once. Narrow the filter.")
    held = [(run_id, 0, "") for run_id in run_ids]
    return _changed(workspace, held, {"exported_as": form}, len(held), found_by)


def _held(workspace: Workspace, run_ids: Sequence[UUID]) -> list[Any]:
    if not run_ids:
        raise InvalidInput("No run is chosen.")
    if len(run_ids) > ACTED_ON_AT_MOST:
        raise InvalidInput(f"At most {ACTED_ON_AT_MOST:,} runs are changed at once. Narrow the filter.")
    held = sql.rows(_HOLD, (list(run_ids), workspace.pk))
    if len(held) != len(set(run_ids)):
        raise NotFound("Some of these runs do not exist in this workspace. Reload the page and choose again.")
    return held


def _stage_set(
    workspace: Workspace, held: list[Any], stage: str, at: int | None, found_by: str
) -> Changed[int]:
    ids = [run_id for run_id, _, _ in held]
    changed = sql.execute(_STAGE, {"ids": ids, "stage": stage, "at": at})
    return _changed(workspace, held, {"lifecycle_stage": stage}, changed, found_by)


def _changed(
    workspace: Workspace, held: list[Any], after: dict[str, Any], result: int, found_by: str
) -> Changed[int]:
    """The event is about the set; a digest of the ids in it shows whether the set was changed afterwards."""
    ids = sorted(run_id for run_id, _, _ in held)
    made = RunSet.objects.create(workspace=workspace, run_ids=ids, found_by=found_by[:4_000])
    digest = hashlib.sha256("\n".join(run_id.hex for run_id in ids).encode()).hexdigest()
    said = {"runs": len(ids), "changed": result, "run_ids_sha256": digest, "found_by": made.found_by, **after}
    return Changed(result, before={}, after=said, subject=made)

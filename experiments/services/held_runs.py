"""A run that this transaction holds: how every writer of its data takes it, and why it may not.

Taking is one UPDATE. It counts up the run's changes, so that its ready document is stale; it holds the row
against a concurrent writer; and it finds nothing unless the run is active and writable to the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.models import Run
from experiments.selectors.runs import run_get
from experiments.validation.identifiers import run_id_find
from experiments.validation.lifecycle import run_active_check
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.mlflow_errors import ProtocolError

LOG = "experiments.run.log"
TAKE = """
UPDATE experiments_run SET changes = changes + 1
WHERE id = %(run)s AND lifecycle_stage = 'active'
  AND (%(workspaces)s::bigint[] IS NULL OR workspace_id = ANY(%(workspaces)s::bigint[]))
RETURNING id, experiment_id
"""
_TAGS = """
WITH wanted AS (SELECT * FROM unnest(%(keys)s::text[], %(values)s::text[]) AS w(key, value)), old AS (
    SELECT t.key, t.value FROM wanted JOIN experiments_runtag t ON t.run_id = %(run)s AND t.key = wanted.key
), written AS (
    INSERT INTO experiments_runtag (run_id, experiment_id, key, value)
    SELECT %(run)s, %(experiment)s, key, value FROM wanted
    ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value
)
SELECT key, value FROM old
"""


@dataclass(frozen=True)
class HeldRun:
    """A run whose row this transaction holds."""

    id: UUID
    experiment_id: int


def run_take(actor: Actor, run_id: str) -> HeldRun:
    """Hold the run until the end of the transaction. Raises the refusal that fits."""
    found = sql.row(TAKE, take_params(actor, run_id))
    if found is None:
        raise why_not(actor, run_id)
    return HeldRun(*found)


def take_params(actor: Actor, run_id: str) -> dict[str, Any]:
    """The parameters of TAKE."""
    return {"run": run_id_find(run_id), "workspaces": access.workspaces_allowing(actor, LOG)}


def why_not(actor: Actor, run_id: str) -> ProtocolError:
    """Find out why a run could not be taken; raises the refusal that fits."""
    run = run_get(actor, run_id)
    access.require(actor, LOG, run)
    run_active_check(run_id, run.lifecycle_stage)
    return ProtocolError(f"Run {run_id} changed meanwhile. Try again.", "ABORTED")


def tags_write(run: Run | HeldRun, tags: Mapping[str, str]) -> dict[str, str]:
    """Set tags of a run that the caller holds; the values that they had before."""
    found = sql.rows(
        _TAGS,
        {"run": run.id, "experiment": run.experiment_id, "keys": list(tags), "values": list(tags.values())},
    )
    return dict(found)

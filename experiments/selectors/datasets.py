"""Which datasets the runs of experiments read."""

from collections.abc import Sequence

from portal.accounts.actor import Actor
from portal.kernel import sql

MAX_SUMMARIES = 1_000

_SUMMARIES = f"""
SELECT DISTINCT d.experiment_id, d.name, d.digest, i.context
FROM experiments_dataset d JOIN experiments_runinput i ON i.dataset_id = d.id
WHERE d.experiment_id = ANY(%(experiments)s::bigint[])
  AND (%(workspaces)s::bigint[] IS NULL OR d.workspace_id = ANY(%(workspaces)s::bigint[]))
ORDER BY d.experiment_id, d.name, d.digest, i.context LIMIT {MAX_SUMMARIES}
"""  # noqa: S608 - a constant of ours


def dataset_summaries(actor: Actor, experiment_ids: Sequence[int]) -> list[dict[str, str]]:
    """Name, digest and context of every dataset in use; of experiments that the actor may not see, none."""
    found = sql.rows(_SUMMARIES, {"experiments": list(experiment_ids), "workspaces": actor.workspace_ids})
    return [_summary(*row) for row in found]


def _summary(experiment_id: int, name: str, digest: str, context: str | None) -> dict[str, str]:
    summary = {"experiment_id": str(experiment_id), "name": name, "digest": digest}
    return summary if context is None else {**summary, "context": context}

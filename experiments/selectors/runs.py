"""Reads of single runs."""

import re
from collections.abc import Sequence
from uuid import UUID

from experiments.models import Run
from experiments.validation.identifiers import run_id_find
from portal.accounts.actor import Actor
from portal.kernel.instances import instances
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError

_RUN_HEX = re.compile(r"[0-9a-f]{32}\Z")


def run_get(actor: Actor, run_id: str) -> Run:
    """One run by MLflow's id. Raises ProtocolError RESOURCE_DOES_NOT_EXIST, too, when it is not visible."""
    seen = actor.workspace_ids
    condition = "id = %s AND (%s::bigint[] IS NULL OR workspace_id = ANY(%s::bigint[]))"
    found = instances(Run, condition, [run_id_find(run_id), seen, seen])
    if not found:
        raise run_missing(run_id)
    return found[0]


def runs_visible(actor: Actor, run_ids: Sequence[str]) -> list[UUID]:
    """The runs among these that exist and are visible; the others are passed over."""
    keys = [UUID(run_id) for run_id in run_ids if _RUN_HEX.match(run_id)]
    runs = Run.objects.filter(pk__in=keys)
    if actor.workspace_ids is not None:
        runs = runs.filter(workspace_id__in=actor.workspace_ids)
    return list(runs.values_list("pk", flat=True))


def runs_require(actor: Actor, run_ids: Sequence[str]) -> list[UUID]:
    """The keys of runs in the order given. Raises ProtocolError for the first that is missing or not visible."""
    found = set(runs_visible(actor, run_ids))
    keys = [run_id_find(run_id) for run_id in run_ids]
    for key in keys:
        if key not in found:
            raise run_missing(key.hex)
    return keys


def run_missing(run_id: str) -> ProtocolError:
    """The one answer for a run that does not exist and for one that may not be seen."""
    return ProtocolError(f"Run with id={run_id} not found", RESOURCE_DOES_NOT_EXIST)

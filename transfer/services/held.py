"""What legal holds keep from an import that would take it away."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from compliance.services.holds import WORKSPACE, held_ids
from experiments.models import Run


def runs_held(workspace_id: int, run_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the runs that a hold keeps: one on themselves, on their experiment or on the workspace."""
    runs = Run.objects.filter(pk__in=list(run_ids))
    if not held_ids(workspace_id, WORKSPACE):
        of_run, of_experiment = held_ids(workspace_id, "run"), held_ids(workspace_id, "experiment")
        runs = runs.filter(Q(pk__in=of_run) | Q(experiment__in=of_experiment))
    return set(runs.values_list("pk", flat=True))

"""Reads of experiments. What the actor may not see is answered like what does not exist."""

from django.db.models import QuerySet

from experiments.models import Experiment
from experiments.validation.identifiers import experiment_id_parse
from portal.accounts.actor import Actor
from portal.kernel.instances import instances
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError

DEFAULT_ID = 0


def experiments_visible(actor: Actor) -> QuerySet[Experiment]:
    """The experiments of the actor's workspaces."""
    ids = actor.workspace_ids
    return Experiment.objects.all() if ids is None else Experiment.objects.filter(workspace_id__in=ids)


def experiment_get(actor: Actor, experiment_id: str) -> Experiment:
    """One experiment by its id; 0 is the default experiment, if the actor sees exactly one workspace's."""
    number, seen = experiment_id_parse(experiment_id), actor.workspace_ids
    wanted = "is_default" if number == DEFAULT_ID else "id = %s"
    params = [] if number == DEFAULT_ID else [number]
    visible = "(%s::bigint[] IS NULL OR workspace_id = ANY(%s::bigint[]))"
    in_range = abs(number) < 2**63
    found = (
        instances(Experiment, f"{wanted} AND {visible} LIMIT 2", [*params, seen, seen]) if in_range else []
    )
    if len(found) != 1:
        raise ProtocolError(f"No Experiment with id={number} exists", RESOURCE_DOES_NOT_EXIST)
    return found[0]


def experiment_by_name(actor: Actor, name: str) -> Experiment:
    """One experiment by its name. Two workspaces with the same name in it need the workspace to be said."""
    found = list(experiments_visible(actor).filter(name=name)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ProtocolError(
            f"Several workspaces have an experiment '{name}'. Set MLFLOW_WORKSPACE to choose one."
        )
    raise ProtocolError(f"Could not find experiment with name '{name}'", RESOURCE_DOES_NOT_EXIST)

"""Reads of experiments. What the actor may not see is answered like what does not exist."""

from django.db.models import Q, QuerySet

from experiments.models import Experiment
from experiments.validation.identifiers import experiment_id_parse
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError

DEFAULT_ID = 0


def experiments_visible(actor: Actor) -> QuerySet[Experiment]:
    """The experiments of the actor's workspaces."""
    ids = actor.workspace_ids
    return Experiment.objects.all() if ids is None else Experiment.objects.filter(workspace_id__in=ids)


def experiment_get(actor: Actor, experiment_id: str) -> Experiment:
    """One experiment by its id; 0 is the default experiment, if the actor sees exactly one workspace's."""
    number = experiment_id_parse(experiment_id)
    wanted = Q(is_default=True) if number == DEFAULT_ID else Q(pk=number)
    found = list(experiments_visible(actor).filter(wanted)[:2]) if abs(number) < 2**63 else []
    if len(found) != 1:
        raise ProtocolError(f"No Experiment with id={number} exists", RESOURCE_DOES_NOT_EXIST)
    return found[0]


def experiment_by_name(actor: Actor, name: str) -> Experiment:
    """One experiment by its name. Two workspaces with the same name in it need the workspace to be said."""
    found = list(experiments_visible(actor).filter(name=name)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ProtocolError(f"Several workspaces have an experiment '{name}'. Set MLFLOW_WORKSPACE to choose one.")
    raise ProtocolError(f"Could not find experiment with name '{name}'", RESOURCE_DOES_NOT_EXIST)

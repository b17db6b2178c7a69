"""From a trial to a version of a model: two operations of the registry where the name is new."""

from portal.accounts.actor import Actor
from registry.models import ModelVersion
from registry.selectors.models import models_visible
from registry.services.models import NewRegisteredModel, model_create
from registry.services.versions import NewVersion, version_create
from training.models import Sweep
from training.selectors.sweeps import trial_get, trial_model


def trial_register(actor: Actor, sweep: Sweep, *, number: int | None, model_name: str) -> ModelVersion:
    """Make a version from what a trial logged; from the best trial where no number is given.

    Raises Conflict while no trial is complete, and for one that logged no model.
    """
    trial = trial_get(sweep, number)
    logged = trial_model(trial)
    found = models_visible(actor).filter(workspace_id=sweep.workspace_id, name=model_name).first()
    model = found or model_create(
        actor=actor, workspace=sweep.workspace, new=NewRegisteredModel(name=model_name)
    )
    new = NewVersion(
        source=f"models:/{logged.pk}", model_id=logged.pk,
        run_id=logged.source_run_id.hex if logged.source_run_id else None,
        description=f"Trial {trial.number} of the sweep {sweep.name}.",
    )  # fmt: skip
    return version_create(actor=actor, model=model, new=new)

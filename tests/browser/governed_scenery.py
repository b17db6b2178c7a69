"""What the browser tests see of the registry and of compliance: models, a policy, requests, a finding, a system.

Run by the scenery, when the portal's environment is set up.
"""

from typing import Any

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, LatestMetric, Run
from experiments.services.runs import NewRun, run_create, run_update
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now_ms
from registry.models import ModelVersion
from tests.browser.data_scenery import data_made
from tests.browser.scenery_names import POLICY
from tests.web import governed

MLMODEL = b"""flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.9}
signature:
  inputs: '[{"type": "double", "name": "income", "required": true}]'
  outputs: '[{"type": "double", "required": true}]'
"""


def governed_make(scoring: Experiment) -> dict[str, Any]:
    """A model with a past, and one of everything that hangs on it; the ids that tests need."""
    people = {user.username: user for user in User.objects.all()}
    credit = Workspace.objects.get(name="credit")
    versions = _versions(credit, scoring, people["eve"])
    _policy(credit, people)
    waiver = governed.waiver_row(versions[3], people["eve"], people["dia"])
    policy = governed.policy_row(
        credit, "shown", ["quorum: 1\nrules: []\n", "quorum: 2\nrules: []\n"], proposer=people["ann"],
        decider=people["dia"], in_force=False,
    )  # fmt: skip
    asked = governed.request_row(
        versions[3], people["eve"], excluded=(people["ann"],), waiver=waiver, policy=policy
    )
    finding = governed.finding_row(versions[1])
    system = governed.system_row(credit, people["ann"], versions[0].model)
    fresh = fitted_run(Actor.of_user(people["eve"], request_id="scenery"), scoring, "fit-to-register")
    return {
        "asked": str(asked.pk), "policy": str(policy.pk), "finding": str(finding.pk), "system": str(system.pk),
        **data_made(versions[3]), "waiver": str(waiver.pk), "fitted": fresh.pk.hex, "version_id": versions[3].pk.hex,
    }  # fmt: skip


def fitted_run(actor: Actor, experiment: Experiment, name: str) -> Run:
    """A finished run with a model among its artifacts."""
    run = run_create(actor=actor, experiment=experiment, new=NewRun(name=name, start_time=now_ms() - 90_000))
    root = store_path(run.artifact_uri)
    artifact_store().put(f"{root}/model/MLmodel", [MLMODEL])
    artifact_store().put(f"{root}/model/requirements.txt", [b"scikit-learn==1.5.2\n"])
    LatestMetric.objects.create(
        run=run, experiment_id=experiment.pk, key="auc", value=0.91, step=0, timestamp=1, loose=0
    )
    return run_update(actor=actor, run=run, status="FINISHED", end_time=now_ms())


def _versions(credit: Workspace, scoring: Experiment, eve: User) -> list[ModelVersion]:
    model = governed.model_row(
        credit,
        "loan-scorer",
        owner=eve,
        description="Scores **consumer loans**.\n\n- 42 features\n- one probability",
    )
    versions = []
    for number in range(4):
        run = governed.run_row(scoring, eve, f"fit-{number}")
        for key, value in (("auc", 0.87 + number / 100), ("brier", 0.13 - number / 500)):
            LatestMetric.objects.create(
                run=run, experiment_id=scoring.pk, key=key, value=value, step=0, timestamp=1, loose=0
            )
        versions.append(
            governed.version_row(model, digest=f"{number + 1}" * 64, run=run, created_by=eve, user_name="eve")
        )
        governed.evidence_row(versions[-1])
        governed.evidence_row(
            versions[-1], "model_version", "pass" if number else "fail", summary="inputs, outputs"
        )
    governed.assignment_row(versions[0], days_ago=60, valid_to=governed.ago(30), reason="The first.")
    governed.assignment_row(versions[2], days_ago=30, reason="Better on every slice.")
    governed.assignment_row(versions[3], "challenger", days_ago=9)
    governed.model_row(credit, "greeting", owner=eve, is_prompt=True)
    return versions


def _policy(credit: Workspace, people: dict[str, User]) -> None:
    """The policy under which the journeys move `champion`: as published, without the operations that publish."""
    governed.policy_in_force(credit, POLICY, proposer=people["ann"], decider=people["dia"])

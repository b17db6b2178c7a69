"""Gives every page something to show: runs, data, a model with two versions, an endpoint with monitors, a request.

Everything goes through the operations, as the people of `make run` would do it. What is there already is left as it
is. Scans and signatures are jobs, which the workers do once they run; until then the request stays a draft.
"""

import argparse
from contextlib import suppress
from io import BytesIO
from typing import Any

from compliance.models import AISystem, Policy
from compliance.services.ai_systems import NewSystem, system_create
from compliance.services.policies import policy_propose, policy_publish
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.batch import Batch, Metrics, Pairs
from experiments.data.keeping import files_keep
from experiments.models import DatasetVersion, Experiment, Run
from experiments.services.batches import batch_log
from experiments.services.dataset_versions import NewVersion as NewDataset
from experiments.services.dataset_versions import dataset_register
from experiments.services.experiments import experiment_create
from experiments.services.inputs import CONTEXT_TAG, DatasetInput, inputs_log
from experiments.services.runs import NewRun, run_create, run_update
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.accounts.management.base import OperationCommand
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now_ms
from portal.kernel.errors import PolicyViolation
from portal.web.demo_endpoint import endpoint_seed
from registry.models import ModelVersion, RegisteredModel, SystemModel
from registry.moves import alias_set_or_request
from registry.services.models import NewRegisteredModel, model_create
from registry.services.system_models import system_model_link
from registry.services.versions import DIGEST_JOB, NewVersion, version_create

PUBLISHER = Actor.system("commands.seed_demo", actions=["compliance.policy.publish"])
NAME, SYSTEM = "loan-scorer", "Loan scoring"
POLICY = """name: champion
description: What may be called champion.
applies_to: {aliases: [champion]}
rules:
  - id: scan-clean
    title: The files were scanned and nothing was found
    require: facts.evidence.artifact_scan.outcome == "pass"
  - id: schema
    title: The files say what goes in and what comes out
    require: facts.signature.inputs && facts.signature.outputs
    waivable: true
    severity: medium
  - id: not-worse
    title: AUC is not below that of the present champion
    require: facts.champion == null || facts.metrics.auc >= facts.champion.metrics.auc
approvals:
  - {role: approver, quorum: 1}
request_expires_after: 14d
approval_valid_for: 48h
break_glass: {allowed: true, hours: 8}
"""
DATASHEET = """## Why it was made
To show what a version of a dataset is. Nobody is described by it.
"""
MLMODEL = b"""artifact_path: model
flavors:
  python_function: {loader_module: scorecard, code: code, data: scorecard.json, python_version: 3.11.9}
signature:
  inputs: '[{"type": "double", "name": "income"}, {"type": "double", "name": "debt"}]'
  outputs: '[{"type": "double", "required": true}]'
"""
# What MLflow loads with the version, so that it can be served like any other.
CODE = b"""import json

import numpy


class Scorecard:
    def __init__(self, weights):
        self.weights = weights

    def predict(self, rows, params=None):
        total = sum(weight * rows[name] / 1000 for name, weight in self.weights.items())
        return 1 / (1 + numpy.exp(-total))


def _load_pyfunc(path):
    with open(path) as file:
        return Scorecard(json.load(file))
"""


class Command(OperationCommand):
    help = __doc__

    def add_own_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--workspace", default="credit")
        parser.add_argument("--scientist", default="ann", help="who trains, registers and asks; maintains")

    def act(self, workspace: str, scientist: str, **_: Any) -> dict[str, Any]:
        place = Workspace.objects.get(name=workspace)
        ann = _actor(scientist)
        if RegisteredModel.objects.filter(workspace=place, name=NAME, deleted_at=None).exists():
            return {"created": False, "message": f"{NAME} is there already."}
        first, second = _versions(ann, place, _data(ann, place))
        alias_set_or_request(actor=ann, version=first, alias="champion", reason="The first one.")
        _policy(ann, place)
        _system(ann, place, first.model)
        endpoint_seed(ann, place, first, second)
        with suppress(PolicyViolation):  # as it should be: it makes the request
            alias_set_or_request(actor=ann, version=second, alias="champion", reason="Better on every slice.")
        return {
            "created": True,
            "message": f"{NAME} has two versions, a policy, an AI system, an endpoint and a request.",
        }


def _actor(username: str) -> Actor:
    return Actor.of_user(User.objects.get(username=username), request_id="seed-demo")


def _data(ann: Actor, place: Workspace) -> DatasetVersion:
    """What both versions learned from; a worker makes its profile."""
    lines = [f"{at},{1500 + at * 37 % 4000},{at * 13 % 900},{int(at % 7 == 0)}" for at in range(500)]
    table = "\n".join(["application,income,debt,default", *lines]).encode()
    kept = files_keep(place.pk, [("applications.csv", BytesIO(table))])
    new = NewDataset(
        digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes, role="train",
        classification="internal", licence="own", datasheet=DATASHEET,
    )  # fmt: skip
    return dataset_register(actor=ann, workspace=place, name="loan-applications", new=new)


def _versions(ann: Actor, place: Workspace, read: DatasetVersion) -> list[ModelVersion]:
    experiment = Experiment.objects.filter(workspace=place, name=NAME).first() or experiment_create(
        actor=ann, workspace=place, name=NAME
    )
    model = model_create(
        actor=ann, workspace=place,
        new=NewRegisteredModel(name=NAME, description="Scores applications for **consumer loans**."),
    )  # fmt: skip
    return [_version(ann, model, _run(ann, experiment, number, read)) for number in (1, 2)]


def _run(ann: Actor, experiment: Experiment, number: int, read: DatasetVersion) -> Run:
    start = now_ms() - (3 - number) * 86_400_000
    run = run_create(
        actor=ann, experiment=experiment,
        new=NewRun(name=f"scorecard-{number}", user_name=ann.name, start_time=start),
    )  # fmt: skip
    keys, values = ["auc", "brier"], [0.86 + number / 50, 0.14 - number / 100]
    metrics = Metrics(keys, values, [start, start], [0, 0])
    params = Pairs(["penalty", "features"], ["l2", str(40 + number)])
    batch_log(actor=ann, run_id=run.pk.hex, batch=Batch(run.pk.hex, metrics, params, Pairs()))
    dataset = {
        "name": read.asset.name, "digest": read.logged_digest, "source_type": "http", "source": "{}", "schema": None,
        "profile": None,
    }  # fmt: skip
    used = DatasetInput(dataset, [{"key": CONTEXT_TAG, "value": "training"}])
    inputs_log(actor=ann, run_id=run.pk.hex, datasets=[used], models=[])
    root, store = store_path(run.artifact_uri), artifact_store()
    store.put(f"{root}/model/MLmodel", [MLMODEL])
    store.put(f"{root}/model/requirements.txt", [b"numpy==2.1.3\n"])
    store.put(f"{root}/model/code/scorecard.py", [CODE])
    store.put(f"{root}/model/scorecard.json", [b'{"income": 0.42, "debt": -0.%d}\n' % (30 + number)])
    return run_update(actor=ann, run=run, status="FINISHED", end_time=start + 42_000)


def _version(ann: Actor, model: RegisteredModel, run: Run) -> ModelVersion:
    """Its files are few and small, so they are read here and now."""
    made = version_create(
        actor=ann, model=model,
        new=NewVersion(source=f"runs:/{run.pk.hex}/model", run_id=run.pk.hex, description=f"Fitted by {run.name}."),
    )  # fmt: skip
    for job_id in JobRun.objects.filter(kind=DIGEST_JOB, key=made.pk.hex).values_list("pk", flat=True):
        run_job(job_id)
    return ModelVersion.objects.select_related("model").get(pk=made.pk)


def _policy(ann: Actor, place: Workspace) -> None:
    if not Policy.objects.filter(workspace=place, name="champion").exists():
        proposed = policy_propose(
            actor=ann, workspace=place, source=POLICY, reason="What champion means here."
        )
        # Nobody types a password here, so the command answers for it itself.
        policy_publish(actor=PUBLISHER, version=proposed, proof=None, reason="Read and agreed.")


def _system(ann: Actor, place: Workspace, model: RegisteredModel) -> None:
    system = AISystem.objects.filter(workspace=place, name=SYSTEM).first() or system_create(
        actor=ann, workspace=place,
        new=NewSystem(
            name=SYSTEM, owner=ann.name, role="deployer", risk_tier="high",
            intended_purpose="Scores applications for consumer loans; a person decides about each of them.",
            risk_rationale="Creditworthiness of natural persons (Annex III, 5b).",
        ),
    )  # fmt: skip
    if not SystemModel.objects.filter(system=system, model=model, valid_to=None).exists():
        system_model_link(actor=ann, system=system, model=model, alias="champion")

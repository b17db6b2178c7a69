"""What the registry offers as evidence for a system: its versions with their runs, code, data, cards and moves."""

import pytest

from compliance.controls.coverage import coverage_of
from compliance.controls.providers import evidence_gather, scope_of
from compliance.services.ai_systems import NewSystem, system_create
from experiments.models import RunTag
from portal.kernel.clock import now
from registry.models import ModelCard
from registry.services.aliases import alias_move
from registry.services.system_models import system_model_link
from tests.registry.graphs import Made

KINDS = (
    "model_version",
    "run",
    "code_ref",
    "dataset_digest",
    "model_card",
    "lineage",
    "change_record",
    "ai_system",
)


@pytest.fixture
def made(experiment):
    return Made(experiment)


@pytest.fixture
def version(made):
    return made.version(made.model(made.run(made.dataset())))


@pytest.fixture
def system(workspace, ann, bob, version, acting):
    new = NewSystem(
        "Loan scoring", "Scores.", "bob", "provider", risk_tier="high", risk_rationale="Annex III."
    )
    system = system_create(actor=acting(ann), workspace=workspace, new=new)
    system_model_link(actor=acting(ann), system=system, model=version.model, alias="champion")
    alias_move(actor=acting(ann), model=version.model, version=version, alias="champion")
    return system


def gathered(actor, system):
    return evidence_gather(scope_of(actor, system), KINDS)


def test_all_that_is_known_of_the_versions_in_use(system, version, experiment, acting, bob):
    RunTag.objects.create(
        run=version.run, experiment_id=experiment.pk, key="mlflow.source.git.commit", value="4f2c"
    )
    card = ModelCard.objects.create(
        workspace=version.workspace, version=version, number=1, content={}, digest="c" * 64, created_at=now()
    )
    found = gathered(acting(bob), system)
    outcomes = {kind: [item.outcome for item in items] for kind, items in found.items()}
    assert outcomes == {kind: ["pass"] for kind in KINDS}
    assert found["code_ref"][0].digest == "4f2c"
    assert found["dataset_digest"][0].digest == "9f2c1e00"
    assert found["model_card"][0].digest == card.digest
    assert found["model_version"][0].digest == version.digest
    assert found["change_record"][0].audit_event is not None
    assert found["ai_system"][0].audit_event is not None


def test_uncommitted_code_and_unknown_lineage_tell_against_it(system, version, experiment, acting, bob):
    for key, value in (("mlflow.source.git.commit", "4f2c"), ("mlflow.source.git.dirty", "True")):
        RunTag.objects.create(run=version.run, experiment_id=experiment.pk, key=key, value=value)
    version.run.inputs.all().delete()
    found = gathered(acting(bob), system)
    assert found["code_ref"][0].outcome == "fail"
    assert found["lineage"][0].outcome == "fail"
    assert "dataset_digest" not in found


def test_a_version_that_the_alias_left_is_out_of_scope(system, version, made, acting, ann, bob):
    other = made.version()
    alias_move(actor=acting(ann), model=version.model, version=other, alias="champion")
    found = gathered(acting(bob), system)
    assert [item.subject for item in found["model_version"]] == [other.pk.hex]
    assert "run" not in found
    assert len(found["change_record"]) == 2


def test_the_coverage_of_annex_iv(system, acting, bob):
    found = coverage_of(acting(bob), system, "EU-AI-ACT-ANNEX-IV")
    by_id = {each.control.id: each for each in found.controls}
    assert by_id["A4-1A"].state == "evidence complete"
    assert by_id["A4-8"].state == "no evidence"
    assert "1 version in use" in found.statement

"""The page of a run says what is missing to do it again, which runs are like it, and why it failed."""

from typing import Any

import pytest
from django.test import Client

from experiments.artifacts.locations import run_location
from experiments.models import Dataset, Experiment, LoggedModel, Param, Run, RunInput, RunTag
from experiments.selectors.run_likeness import runs_alike
from portal.kernel.ids import uuid7
from training.selectors.run_checks import run_checks

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _run(experiment: Experiment, name: str, status: str = "FINISHED", **params: str) -> Run:
    run_id = uuid7()
    run = Run.objects.create(
        id=run_id, experiment=experiment, workspace=experiment.workspace, name=name, user_name="ann", status=status,
        start_time=1_700_000_000_000, end_time=1_700_000_060_000,
        artifact_uri=run_location(experiment.workspace_id, experiment.pk, run_id),
    )  # fmt: skip
    Param.objects.bulk_create(
        Param(run=run, experiment_id=experiment.pk, key=key, value=value) for key, value in params.items()
    )
    return run


def _tags(run: Run, **tags: str) -> None:
    RunTag.objects.bulk_create(
        RunTag(
            run=run,
            experiment_id=run.experiment_id,
            key=f"mlflow.source.{key.replace('_', '.')}",
            value=value,
        )
        for key, value in tags.items()
    )


def _states(run: Run) -> dict[str, str]:
    return {check.name: check.state for check in run_checks(run)}


def test_what_is_missing_is_told_with_what_to_do(experiment: Experiment) -> None:
    bare = _run(experiment, "bare", random_state="None")
    assert _states(bare) == {
        "Code": "bad",
        "Entry point": "warn",
        "Packages": "bad",
        "Data": "bad",
        "Seed": "warn",
    }
    assert all(check.advice for check in run_checks(bare))
    full = _run(experiment, "full", model__random_state="7")
    _tags(full, git_commit="a" * 40, git_dirty="false", name="train.py")
    facts: dict[str, Any] = {"experiment": experiment, "workspace": experiment.workspace}
    dataset = Dataset.objects.create(**facts, name="loans", digest="d1", source_type="local", source="{}")
    RunInput.objects.create(run=full, dataset=dataset)
    LoggedModel.objects.create(
        **facts, id=f"m-{uuid7().hex}", source_run=full, name="model", artifact_location="x",
        status="LOGGED_MODEL_READY", creation_timestamp=1, last_updated_timestamp=1, 
        manifest=[{"path": "model/requirements.txt", "size": 1}],
    )  # fmt: skip
    assert _states(full) == {
        "Code": "ok",
        "Entry point": "ok",
        "Packages": "warn",
        "Data": "ok",
        "Seed": "ok",
    }
    RunTag.objects.filter(run=full, key="mlflow.source.git.dirty").update(value="true")
    assert _states(full)["Code"] == "warn"


def test_the_nearest_params_come_first(experiment: Experiment) -> None:
    run = _run(experiment, "own", lr="0.1", depth="6", kind="tree")
    _run(experiment, "far", lr="100", depth="1", kind="linear")
    near = _run(experiment, "near", lr="0.11", depth="6", kind="tree")
    twin = _run(experiment, "twin", lr="0.1", depth="6", kind="tree")
    _run(experiment, "nothing in common", other="1")
    found = runs_alike(run)
    assert [each.id for each in found[:2]] == [twin.pk.hex, near.pk.hex]
    assert [each.name for each in found] == ["twin", "near", "far"]
    assert found[0].changes == []
    assert found[1].changes == [("lr", "0.11")]


def test_the_page_of_a_failed_run(experiment: Experiment, ann: Any, client: Client) -> None:
    run = _run(experiment, "lost", "FAILED", lr="0.1")
    twin = _run(experiment, "twin of it", lr="0.1")
    client.force_login(ann, backend=BACKEND)
    page = client.get(f"/runs/{run.pk.hex}").content.decode()
    assert "Why it failed" in page
    assert "no commit is recorded" in page
    assert f'href="/runs/{twin.pk.hex}"' in page
    assert client.get(f"/runs/{run.pk.hex}/lineage").status_code == 200

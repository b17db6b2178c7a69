"""Inputs and outputs of trainings: versions written out, bytes checked twice, outputs that become versions."""

from types import SimpleNamespace
from typing import Any

import pytest

from experiments.artifacts.store import artifact_store
from experiments.models import Dataset, DatasetVersion, RunInput
from experiments.services.dataset_versions import NewVersion, dataset_register
from jobs.errors import Permanent
from portal.kernel.errors import InvalidInput
from registry.lineage.graph import NodeKey, lineage_of
from tests.data.conftest import CSV
from training.models import TrainingJob
from training.services.jobs import training_submit
from training.work.inputs import inputs_check, inputs_note, inputs_place
from training.work.outputs import datasets_keep

pytestmark = pytest.mark.django_db
SPEC: dict[str, Any] = {"experiment": "scoring", "command": "python train.py", "code": {"bundled": "iris"}}
STEP: Any = SimpleNamespace(check=lambda: None, run=SimpleNamespace(request_id="test"))


@pytest.fixture
def submit(workspace, ann, acting, settings, tmp_path):
    settings.JOBS_DIR = str(tmp_path / "jobs")
    return lambda **spec: training_submit(actor=acting(ann), workspace=workspace, spec={**SPEC, **spec})


def test_the_newest_version_is_written_into_the_specification(dataset, submit):
    dataset(), dataset(files={"b.csv": CSV})
    training = submit(
        inputs={"data": {"dataset": "applicants"}, "old": {"dataset": "applicants", "version": 1}}
    )
    assert training.spec["inputs"]["data"] == {"dataset": "applicants", "version": 2}
    assert training.spec["inputs"]["old"]["version"] == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"dataset": "nothing"}, "no_such_input"),
        ({"dataset": "applicants", "version": 9}, "no_such_input"),
        ({"dataset": "elsewhere"}, "data_not_held"),
        ({"model": "nothing", "version": 1}, "no_such_input"),
        ({"model": "nothing", "version": 1, "alias": "champion"}, "invalid_spec"),
        ({"dataset": "applicants", "alias": "champion"}, "invalid_spec"),
    ],
)
def test_an_input_that_cannot_be_had_is_refused_at_once(dataset, submit, workspace, ann, acting, given, code):
    dataset()
    new = NewVersion(digest="ab" * 32, source_uri="s3://bucket/a.csv")
    dataset_register(actor=acting(ann), workspace=workspace, name="elsewhere", new=new)
    with pytest.raises(InvalidInput) as refused:
        submit(inputs={"data": given})
    assert refused.value.code == code
    assert not TrainingJob.objects.exists()


def test_the_data_of_another_workspace_is_no_input(dataset, other, cleo, acting, settings, tmp_path):
    dataset()
    with pytest.raises(InvalidInput):
        training_submit(
            actor=acting(cleo), workspace=other, spec={**SPEC, "inputs": {"data": {"dataset": "applicants"}}}
        )


def test_bytes_are_what_they_were_and_changes_by_the_command_are_told(dataset, submit, tmp_path):
    dataset(files={"a.csv": CSV, "sub/b.csv": b"x"})
    training = submit(inputs={"data": {"dataset": "applicants"}})
    folder = tmp_path / "inputs"
    inputs = inputs_place(STEP, training, folder)
    assert (folder / "data/a.csv").read_bytes() == CSV
    assert not (folder / "data/a.csv").stat().st_mode & 0o222
    seen = inputs_check(STEP, inputs, folder)
    assert seen["data"]["checked"] == ["before", "after"]
    (folder / "data/__pycache__").mkdir()
    (folder / "data/__pycache__/model.cpython-311.pyc").write_bytes(b"compiled")
    inputs_check(STEP, inputs, folder)
    (folder / "data/new.csv").write_bytes(b"y")
    with pytest.raises(Permanent, match=r"changed its input data \(applicants v1\): new.csv"):
        inputs_check(STEP, inputs, folder)
    (folder / "data/new.csv").unlink()
    (folder / "data/a.csv").chmod(0o600)
    (folder / "data/a.csv").write_bytes(CSV.replace(b"31", b"13"))
    (folder / "data/sub/b.csv").unlink()
    with pytest.raises(Permanent, match=r"a\.csv, sub/b\.csv"):
        inputs_check(STEP, inputs, folder)


def test_a_kept_copy_that_differs_is_fetched_anew_and_a_damaged_store_is_told(
    dataset, submit, tmp_path, settings
):
    version = dataset()
    training = submit(inputs={"data": {"dataset": "applicants"}})
    inputs_place(STEP, training, tmp_path / "one")
    kept = tmp_path / "jobs/data" / version.digest / "a.csv"
    kept.chmod(0o600)
    kept.write_bytes(b"spoiled")
    inputs_place(STEP, training, tmp_path / "two")
    assert (tmp_path / "two/data/a.csv").read_bytes() == CSV
    artifact_store().put(f"{version.path}/a.csv", iter([b"spoiled"]))
    inputs_place(STEP, training, tmp_path / "three")
    settings.JOBS_DIR = str(tmp_path / "elsewhere")
    with pytest.raises(Permanent, match="is not what it was"):
        inputs_place(STEP, training, tmp_path / "four")


def test_what_was_used_longest_ago_makes_room(dataset, submit, tmp_path, settings):
    settings.JOBS_DATA_CACHE_BYTES = 150
    for name, body in (("one", b"1" * 100), ("two", b"2" * 100)):
        dataset(name, {"a.csv": body})
        training = submit(inputs={"data": {"dataset": name}})
        inputs_place(STEP, training, tmp_path / name)
    kept = [path.name for path in (tmp_path / "jobs/data").iterdir() if path.is_dir()]
    assert kept == [DatasetVersion.objects.get(asset__name="two").digest]


def test_inputs_and_outputs_are_lineage(dataset, submit, new_run, acting, ann, workspace, tmp_path):
    version = dataset(schema=[{"name": "age", "type": "int64", "nullable": False}], row_count=3)
    training = submit(
        inputs={"data": {"dataset": "applicants", "context": "validation"}},
        outputs={"clean": {"type": "dataset", "dataset": "cleaned"}, "plots": {}},
    )
    run = new_run()
    actor = acting(ann)
    inputs = inputs_place(STEP, training, tmp_path / "inputs")
    inputs_note(actor, run, inputs)
    inputs_note(actor, run, inputs)
    logged = RunInput.objects.select_related("dataset").get()
    assert (logged.context, logged.dataset.digest) == ("validation", version.digest[:36])
    assert '"long"' in (logged.dataset.schema or "")
    (tmp_path / "outputs/clean").mkdir(parents=True)
    with pytest.raises(Permanent, match="at least one file"):
        datasets_keep(actor, training, run, tmp_path / "outputs")
    (tmp_path / "outputs/clean/c.csv").write_bytes(b"age\n1\n")
    kept = datasets_keep(actor, training, run, tmp_path / "outputs")
    assert datasets_keep(actor, training, run, tmp_path / "outputs") == kept
    made = DatasetVersion.objects.get(asset__name="cleaned")
    assert (made.made_by_run_id, made.made_by_training, made.number) == (run.pk, training.pk, 1)
    graph = lineage_of(actor, NodeKey("registered-data", made.pk), direction="up")
    assert {node.kind for node in graph.nodes} == {"registered-data", "run", "dataset"}
    assert {node.label for node in graph.nodes if node.kind == "registered-data"} == {
        "applicants v1", "cleaned v1",
    }  # fmt: skip


def test_a_table_that_a_client_logged_is_the_registered_one(dataset, experiment, acting, ann):
    version = dataset(mlflow_digest="9f2c1e00")
    logged = Dataset.objects.create(
        workspace=experiment.workspace, experiment=experiment, name="applicants", digest="9f2c1e00",
        source_type="local", source="{}",
    )  # fmt: skip
    graph = lineage_of(acting(ann), NodeKey("dataset", logged.pk), direction="up")
    assert f"registered-data:{version.pk.hex}" in {node.id for node in graph.nodes}

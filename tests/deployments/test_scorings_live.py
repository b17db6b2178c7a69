"""Scoring with real processes: from a dataset version to one, through a killed worker, within bounded memory."""

import io
import time
from pathlib import Path

import mlflow
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema

from deployments.models import BatchScoring
from deployments.scoring.asking import Asked
from deployments.scoring.beginning import score_or_request
from deployments.scoring.working import scoring_folder
from experiments.artifacts.store import artifact_store
from experiments.models import DatasetVersion
from jobs.models import JobAttempt
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from registry.lineage.graph import NodeKey, lineage_of
from tests.deployments.datasets import dataset_make
from tests.deployments.living import person, waited
from tests.deployments.living_fixtures import cora, serving, serving_environment, serving_servers, version_of
from tests.deployments.models import CODE
from tests.jobs.live import ended

__all__ = ["cora", "serving", "serving_environment", "serving_servers", "version_of"]
pytestmark = pytest.mark.slow
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("careful") / "model"
    signature = ModelSignature(inputs=Schema([ColSpec("double", "x"), ColSpec("long", "n", required=False)]))
    mlflow.pyfunc.save_model(
        str(folder), python_model=str(CODE / "careful.py"), signature=signature, pip_requirements=[]
    )
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def data_of(cora, files, name, **said):
    return dataset_make(cora, Workspace.objects.get(name="credit"), files, name, **said)


def score(cora, version, dataset, **asked):
    return score_or_request(
        actor=person(cora), version=version, dataset=dataset, environment="dev", asked=Asked(**asked)
    )


def scored(scoring):
    """The scoring when its job is done."""
    job = ended(scoring.job)
    assert job.state == "done", (job.reason, list(job.events.values_list("name", "detail")))
    return BatchScoring.objects.select_related("result__asset", "job").get(pk=scoring.pk)


def table_of(version):
    """The rows of a dataset version, and the rows of each file."""
    parts = [
        pq.read_table(io.BytesIO(b"".join(artifact_store().open(f"{version.path}/{each['path']}").chunks)))
        for each in version.manifest
    ]
    return pa.concat_tables(parts), [part.num_rows for part in parts]


def csv_of(rows, sign=1):
    return b"key,x\n" + b"".join(b"%05d,%d\n" % (row, sign * (row + 1)) for row in range(rows))


def test_a_worker_is_killed_and_the_next_one_goes_on_with_the_next_part(serving, cora, version_of):
    version, data = version_of(), data_of(cora, {"a.csv": csv_of(950, -1), "b.csv": csv_of(850, -1)}, "slow")
    scoring = score(cora, version, data, keep=("key",), rows_per_part=100)
    parts = scoring_folder(scoring) / "parts"
    waited(
        lambda: len(list(parts.glob("*.parquet"))) >= 3 and cursor(scoring) >= 3, lambda: ended_why(scoring)
    )
    serving.worker_kill()
    noted, first = cursor(scoring), (parts / "part-00000.parquet").stat().st_ino
    assert 3 <= noted < 18
    serving.worker_start()
    waited(lambda: cursor(scoring) > noted, lambda: ended_why(scoring))
    assert (parts / "part-00000.parquet").stat().st_ino == first
    done = scored(scoring)
    assert done.job.attempt == 2
    table, rows = table_of(done.result)
    assert rows == [100] * 18
    assert table["key"].to_pylist() == [f"{row:05d}" for row in [*range(950), *range(850)]]
    assert table["prediction_twice"].to_pylist()[949:951] == [-1900.0, -2.0]
    assert set(table["prediction_secrets"].to_pylist()) == {0}
    assert not scoring_folder(scoring).exists()
    again = scored(score(cora, version, data, keep=("key",), rows_per_part=100))
    assert again.result == done.result  # the same bytes are the same version
    assert (done.result.asset.name, done.result.number) == ("slow-scored", 1)
    lineage_leads_both_ways(cora, done)
    waited(lambda: DatasetVersion.objects.get(pk=done.result_id).read_at)
    known = DatasetVersion.objects.get(pk=done.result_id)
    assert [column["name"] for column in known.schema] == ["key", "prediction_twice", "prediction_secrets"]
    assert (known.row_count, known.profile.body["rows"]) == (1800, 1800)


def lineage_leads_both_ways(cora, done):
    actor = Actor.of_user(cora)
    up = lineage_of(actor, NodeKey("registered-data", done.result_id), direction="up")
    assert {f"registered-data:{done.dataset_id.hex}", f"version:{done.version_id.hex}"} <= {
        node.id for node in up.nodes
    }
    for start in (NodeKey("registered-data", done.dataset_id), NodeKey("version", done.version_id)):
        down = lineage_of(actor, start, direction="down")
        assert f"registered-data:{done.result_id.hex}" in {node.id for node in down.nodes}


def test_columns_that_do_not_fit_are_named(serving, cora, version_of):
    version = version_of()
    wrong = data_of(cora, {"a.csv": b"x\n" + b"1.5\n" * 700 + b"many\n"}, "wrong")
    job = ended(score(cora, version, wrong).job)
    assert (job.state, job.attempt) == ("failed", 1)
    assert "The column x must be double, and row 701 of a.csv has 'many'." in job.reason
    problem = BatchScoring.objects.get(job=job).problem
    assert (problem["column"], problem["expected"], problem["row"]) == ("x", "double", 701)
    lacking = ended(score(cora, version, data_of(cora, {"a.csv": b"y\n1\n"}, "lacking")).job)
    assert "The column x is missing in a.csv: the model needs it as double." in lacking.reason
    assert not DatasetVersion.objects.filter(asset__name__in=["wrong-scored", "lacking-scored"]).exists()


def test_files_that_changed_are_not_used(serving, cora, version_of, settings):
    version, data = version_of(b"approved"), data_of(cora, {"a.csv": csv_of(10)}, "few")
    stored = Path(settings.ARTIFACT_ROOT, data.path, "a.csv")
    stored.chmod(0o600)
    stored.write_bytes(csv_of(9))
    job = ended(score(cora, version, data).job)
    assert (job.state, "is not what it was" in job.reason) == ("failed", True), job.reason


def test_memory_does_not_grow_with_the_data(serving, cora, version_of):
    """Ten million values in one row group: the process takes about as much as for an eighth of it."""
    version, peaks = version_of(), []
    for rows in (150_000, 1_300_000):
        file = io.BytesIO()
        columns = {f"c{number}": np.random.default_rng(number).random(rows) for number in range(7)}
        pq.write_table(
            pa.table({"x": np.arange(rows, dtype=float), **columns}),
            file,
            row_group_size=rows,
            compression=None,
        )
        keep = tuple(columns)
        done = scored(
            score(cora, version, data_of(cora, {"a.parquet": file.getvalue()}, f"large-{rows}"), keep=keep)
        )
        peaks.append(JobAttempt.objects.get(job=done.job).peak_memory_bytes)
        assert done.seen["rows"] == rows
    assert len(file.getvalue()) > 75 * MIB
    assert peaks[1] - peaks[0] < 40 * MIB, peaks


def cursor(scoring):
    scoring.job.refresh_from_db()
    return len(scoring.job.cursor.get("parts", []))


def ended_why(scoring):
    scoring.job.refresh_from_db()
    return (time.time(), scoring.job.state, scoring.job.reason, scoring.job.cursor)

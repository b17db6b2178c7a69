"""Out of a stock server, into the portal, out into a fresh stock server: a client sees the same in both."""

import hashlib
import json
import math
from uuid import uuid4

import pytest
from django.core.management import call_command
from mlflow import MlflowClient
from mlflow.entities import ViewType

from experiments.models import LatestMetric, MetricChunk, Run
from jobs.models import JobRun
from jobs.runner import run_job
from tests.transfer.dying import deaths
from tests.transfer.gate import gate
from tests.transfer.stock import SqliteStock

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OWN = ("portal.", "mlflow.parentRunId")


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    server = SqliteStock(tmp_path_factory.mktemp("fresh"))
    try:
        yield server.ready()
    finally:
        server.close()


def test_round_trip(stock, fresh, workspace, ann, tmp_path):
    call_command("import_mlflow", stock.uri, workspace="credit", user="ann")
    jobs_run()
    facts = take(fresh.uri, tmp_path)
    assert facts["wrong"] == []
    old, new = seen(stock.uri, tmp_path / "old"), seen(fresh.uri, tmp_path / "new")
    assert new["experiments"] == old["experiments"]
    assert set(new["runs"]) == set(old["runs"])
    for name, run in old["runs"].items():
        assert new["runs"][name] == run, name
    assert new["models"] == old["models"]
    assert new["registered"] == old["registered"]
    again = take(fresh.uri, tmp_path)
    assert (again["made"], again["wrong"]) == ({}, [])
    assert seen(fresh.uri, tmp_path / "again") == new


def test_killed_on_the_way_out(stock, workspace, ann, tmp_path):
    """Into a database, by processes that die at ever later statements: nothing is there twice."""
    call_command("import_mlflow", stock.uri, workspace="credit", user="ann")
    jobs_run()
    uri = f"sqlite:///{tmp_path}/out.db"
    words = [
        "export_mlflow",
        uri,
        "--workspace",
        "credit",
        "--as",
        "ann",
        "--artifact-root",
        f"{tmp_path}/out-files",
    ]
    died = deaths(words, [12, 40, 90, 10_000_000])
    assert died == [True, True, True, False]
    again = take(uri, tmp_path, artifact_root=f"{tmp_path}/out-files")
    assert (again["made"], again["wrong"]) == ({}, [])
    old, new = seen(stock.uri, tmp_path / "old"), seen(uri, tmp_path / "new")
    assert len(new["runs"]) == len(MlflowClient(uri).search_runs(["1", "2"], run_view_type=ViewType.ALL)) == 5
    assert new["runs"] == old["runs"]
    assert (new["models"], new["registered"]) == (old["models"], old["registered"])


def test_many_histories_go_out_in_full_calls(fresh, experiment, ann, tmp_path):
    """Of several runs at a time: none goes astray, and calls are as full as the server takes them."""
    runs = [history_make(experiment, number) for number in range(3)]
    with gate(fresh.uri, "nothing is held") as server:
        facts = take(f"http://{server.place}", tmp_path)
    assert (facts["wrong"], facts["made"]["metric points"]) == ([], sum(map(len, runs)))
    calls = [path for path in server.asked if path.endswith("runs/log-batch")]
    # 3 of each long metric, 1 with all short ones, 4 with names that fill a call before its points do.
    assert len(calls) == 3 * (2 * 3 + 1 + 4)
    client = MlflowClient(fresh.uri)
    found = client.search_runs([client.get_experiment_by_name("scoring").experiment_id])
    for run in found:
        number = int(run.info.run_name)
        there = {
            (key, m.step, m.timestamp, repr(m.value))
            for key in run.data.metrics
            for m in client.get_metric_history(run.info.run_id, key)
        }
        assert there == runs[number]
        assert run.data.metrics["long"] == 2499.25 + number


def history_make(experiment, number):
    """A run with two long histories, twenty short ones and one with a name of many bytes; what a client should see."""
    run = Run.objects.create(
        id=uuid4(), experiment=experiment, workspace=experiment.workspace, name=str(number), status="FINISHED",
        start_time=1, end_time=2, artifact_uri="mlflow-artifacts:/x",
    )  # fmt: skip
    lengths = {"long": 2500, "other": 2500, "ж" * 245: 2000} | {f"short-{key}": 30 for key in range(20)}
    expected = set()
    for key, length in lengths.items():
        values = [math.nan if step == 7 else step + number + 0.25 for step in range(length)]
        steps, times = list(range(length)), [1_700_000_000_000 + step for step in range(length)]
        points_write(run, key, steps, times, values)
        expected |= {(key, *point[:2], repr(point[2])) for point in zip(steps, times, values, strict=True)}
    return expected


def points_write(run, key, steps, times, values):
    size = 256
    for start in range(0, len(steps), size):
        part = slice(start, start + size)
        MetricChunk.objects.create(
            run=run, key=key, first_step=steps[start], last_step=steps[part][-1], points=len(steps[part]),
            is_sorted=True, steps=steps[part], timestamps=times[part], values=values[part],
        )  # fmt: skip
    LatestMetric.objects.create(
        run=run,
        experiment_id=run.experiment_id,
        key=key,
        value=values[-1],
        step=steps[-1],
        timestamp=times[-1],
    )


def jobs_run():
    for job in JobRun.objects.filter(kind__in=["registry.digest_version", "experiments.digest_model"]):
        run_job(job.pk)


def take(uri, tmp_path, **options):
    report = tmp_path / "report.json"
    call_command("export_mlflow", uri, workspace="credit", user="ann", report=str(report), **options)
    return json.loads(report.read_text())


def seen(uri, folder):
    """All that a client sees of a server, with names in the place of ids that the server chose."""
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    experiments = [
        each for each in client.search_experiments(view_type=ViewType.ALL) if each.name != "Default"
    ]
    runs = {
        each.experiment_id: client.search_runs([each.experiment_id], run_view_type=ViewType.ALL)
        for each in experiments
    }
    names = {run.info.run_id: run.info.run_name for found in runs.values() for run in found}
    models = [model for each in experiments for model in client.search_logged_models([each.experiment_id])]
    return {
        "experiments": {each.name: (each.lifecycle_stage, own(each.tags)) for each in experiments},
        "runs": {
            run.info.run_name: run_seen(client, run, names, folder)
            for found in runs.values()
            for run in found
        },
        "models": {model.name: model_seen(model, names) for model in models},
        "registered": registered_seen(client, names, {model.model_id: model.name for model in models}),
    }


def run_seen(client, run, names, folder):
    info = run.info
    facts = {
        name: getattr(info, name)
        for name in ("status", "start_time", "end_time", "lifecycle_stage", "run_name")
    }
    inputs = [
        (each.dataset.name, each.dataset.profile, each.tags[0].value) for each in run.inputs.dataset_inputs
    ]
    return facts | {
        "params": run.data.params,
        "tags": own(run.data.tags),
        "parent": names.get(run.data.tags.get("mlflow.parentRunId")),
        "points": {key: points(client, info.run_id, key) for key in run.data.metrics},
        "latest": {key: repr(value) for key, value in run.data.metrics.items()},
        "inputs": (inputs, len(run.inputs.model_inputs), [each.step for each in run.outputs.model_outputs]),
        "files": files(client, info.run_id, folder) if info.lifecycle_stage == "active" else None,
    }


def points(client, run_id, key):
    return sorted((m.timestamp, m.step, repr(m.value + 0.0)) for m in client.get_metric_history(run_id, key))


def files(client, run_id, folder):
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / run_id
    root.mkdir(exist_ok=True)
    client.download_artifacts(run_id, "", str(root))
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in root.rglob("*")
        if file.is_file()
    }


def model_seen(model, names):
    found = [(m.key, m.value, m.step, m.timestamp, m.dataset_name, m.dataset_digest) for m in model.metrics]
    return (
        own(model.tags),
        model.params,
        model.model_type,
        str(model.status),
        names[model.source_run_id],
        found,
    )


def registered_seen(client, names, models):
    found = {}
    for wanted in ("", "tags.`mlflow.prompt.is_prompt` = 'true'"):
        for model in client.search_registered_models(wanted):
            query = " and ".join(filter(None, [f"name='{model.name}'", wanted]))
            # A store on a database gives numbers and None where one behind a server gives texts.
            versions = {
                str(each.version): (
                    each.description or "",
                    own(each.tags),
                    names.get(each.run_id),
                    source(each.source, names, models),
                )
                for each in client.search_model_versions(query)
                if str(each.version) != "2"  # whose files are missing
            }
            aliases = {alias: str(number) for alias, number in model.aliases.items() if alias != "broken"}
            found[model.name] = (model.description or "", own(model._tags), aliases, versions)
    return found


def source(uri, names, models):
    """A source with names for ids, as far as it has any."""
    if uri.startswith("models:/"):
        return models[uri.removeprefix("models:/")]
    run_id = next((run_id for run_id in names if run_id in uri), None)
    return (names[run_id], uri.rpartition("/artifacts/")[2].rpartition(f"{run_id}/")[2]) if run_id else uri


def own(tags):
    return {key: value for key, value in tags.items() if not key.startswith(OWN)}

"""From a real tracking server into a workspace: all of it, once, whatever happens on the way."""

import hashlib
import json
import math
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from mlflow import MlflowClient
from mlflow.entities import Metric

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, LoggedModel, LoggedModelMetric, Run, RunInput, RunOutput, RunTag
from experiments.selectors.history import history_page
from portal.audit.models import AuditEvent
from registry.models import Assignment, ModelVersion, RegisteredModel
from tests.compliance.scenery import policy_put
from tests.live.databases import row_counts
from tests.registry.registering import POLICY
from tests.transfer.dying import database_url, deaths
from tests.transfer.stock import BIG, LONG_KEY
from transfer.models import Origin
from transfer.sources import mlflow_server
from transfer.sources.mlflow_store import MlflowReader

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# What every command leaves: that it began and ended, and what the signed log makes of that.
_EVENTS = frozenset({"audit_auditevent", "audit_auditdetail"})


def bring(uri, tmp_path, **options):
    """What the command reports."""
    report = tmp_path / "report.json"
    call_command("import_mlflow", uri, workspace="credit", user="ann", report=str(report), **options)
    return json.loads(report.read_text())


def rows():
    return row_counts(database_url(), without=_EVENTS)


def content(path):
    return b"".join(artifact_store().open(path).chunks)


def test_all_of_a_server_comes_and_a_second_time_nothing(stock, made, workspace, ann, tmp_path):
    facts = bring(stock.uri, tmp_path)
    assert facts["wrong"] == []
    assert {(each["kind"], each["name"]) for each in facts["left_out"]} == {
        ("version", "fraud v2"), ("alias", "broken of fraud"),
    }  # fmt: skip
    _runs_are_right(made)
    assert Run.objects.get(pk=made.running).end_time is None
    _files_are_right(made)
    _models_are_right(made)
    _registry_is_right(made, stock)
    before, events = rows(), AuditEvent.objects.count()
    again = bring(stock.uri, tmp_path, full=True)
    assert (again["made"], again["changed"], again["checked"], again["wrong"]) == ({}, {}, {}, [])
    assert rows() == before
    assert AuditEvent.objects.count() == events + 2  # begun and finished
    _news_come(stock, made, tmp_path)


def _runs_are_right(made):
    parent, child = (Run.objects.get(pk=run_id) for run_id in (made.parent, made.child))
    assert child.tags.get(key="mlflow.parentRunId").value == made.parent
    assert (child.status, child.created_by.username) == ("FAILED", "ann")
    assert child.tags.get(key="mlflow.user").value == "jürgen"
    assert (child.start_time, child.end_time) == (1_700_000_000_000, 1_700_000_900_000)
    assert child.params.get(key=LONG_KEY).value == "ж" * 3000
    assert child.tags.get(key="note").value == "zwei\nZeilen — „ja“"
    assert Run.objects.get(pk=made.deleted).lifecycle_stage == "deleted"
    gone = Experiment.objects.get(name="given up")
    assert (gone.lifecycle_stage, gone.runs.get().lifecycle_stage) == ("deleted", "deleted")
    experiment = Experiment.objects.get(name="Кредит: scoring")
    assert experiment.tags.get(key="team").value == "риск"
    long = history_page(parent.pk, "long", offset=0, limit=9999)
    assert long == [(step, 1_700_000_000_000 + step, math.sin(step)) for step in range(3000)]
    odd = [value for _, _, value in history_page(parent.pk, "odd", offset=0, limit=99)]
    assert sum(math.isnan(value) for value in odd) == 1
    assert {value for value in odd if value == value} == {
        1.7976931348623157e308,
        -1.7976931348623157e308,
        0.0,
        1e-320,
    }
    assert len(history_page(parent.pk, "falling", offset=0, limit=99)) == 9
    assert history_page(parent.pk, LONG_KEY, offset=0, limit=9) == [(1, 1, 1.0)]


def _files_are_right(made):
    root = f"{store_path(Run.objects.get(pk=made.parent).artifact_uri)}"
    assert content(f"{root}/data/großes/big.bin") == BIG
    assert content(f"{root}/data/empty") == b""
    files = Origin.objects.get(kind="files", there=f"run:{made.parent}").seen["files"]
    assert files["data/großes/big.bin"] == [len(BIG), hashlib.sha256(BIG).hexdigest()]
    root = f"{store_path(Run.objects.get(pk=made.deleted).artifact_uri)}"
    assert content(f"{root}/last words.txt") == b"of the deleted\n"


def _models_are_right(made):
    model = LoggedModel.objects.get(pk=made.model)
    assert (model.name, model.status, model.source_run_id) == (
        "forest",
        "LOGGED_MODEL_READY",
        UUID(made.parent),
    )
    assert (model.params.get().value, model.tags.get(key="kind").value) == ("10", "baum")
    point = LoggedModelMetric.objects.get(model=model)
    assert (point.key, point.value, point.step, point.dataset_name) == ("auc", 0.91, 1, "train")
    assert content(f"{store_path(model.artifact_location)}/MLmodel") == b"flavors: {x: 1}\n"
    assert RunOutput.objects.get(run=made.parent).step == 2
    read = RunInput.objects.select_related("dataset").get(run=made.parent)
    assert (read.dataset.name, read.context, read.dataset.profile) == ("train", "training", '{"rows": 3}')


def _registry_is_right(made, stock):
    fraud = RegisteredModel.objects.get(name="fraud")
    assert (fraud.description, fraud.tags.get(key="owner").value) == ("Finds *fraud*.", "риск")
    assert list(fraud.versions.order_by("version").values_list("version", flat=True)) == [1, 4]
    first, fourth = fraud.versions.order_by("version")
    assert (first.logged_model_id, first.description) == (made.model, "first")
    assert (fourth.run_id, fourth.source) == (UUID(made.parent), f"runs:/{made.parent}/old-model")
    assert first.tags.get(key="portal.imported_from").value == f"{stock.uri} fraud/1"
    aliases = Assignment.objects.filter(valid_to=None).values_list("model__name", "name", "version__version")
    assert set(aliases) == {("fraud", "champion", 1), ("fraud", "challenger", 4), ("greeting", "live", 1)}
    prompt = RegisteredModel.objects.get(name="greeting")
    assert prompt.is_prompt
    assert prompt.versions.get().tags.get(key="mlflow.prompt.text").value == "Say {{ hello }} to {{ name }}."


def _news_come(stock, made, tmp_path):
    """A run that goes on, one that is brought back, and what people changed here meanwhile."""
    RunTag.objects.filter(run=made.child, key="note").update(value="ours")
    client = MlflowClient(tracking_uri=stock.uri)
    client.log_batch(
        made.running, metrics=[Metric("loss", 0.25, 1_700_000_000_200, 1), Metric("new", 1.0, 5, 0)]
    )
    client.set_terminated(made.running, "FINISHED", end_time=1_700_000_800_000)
    client.set_tag(made.running, "note", "done")
    client.restore_run(made.deleted)
    facts = bring(stock.uri, tmp_path)
    assert (facts["made"], facts["changed"], facts["wrong"]) == ({"metric points": 2}, {"runs": 1}, [])
    running = Run.objects.get(pk=made.running)
    assert (running.status, running.end_time) == ("FINISHED", 1_700_000_800_000)
    assert running.tags.get(key="note").value == "done"
    assert [point[2] for point in history_page(running.pk, "loss", offset=0, limit=9)] == [0.5, 0.25]
    assert Run.objects.get(pk=made.deleted).lifecycle_stage == "active"
    assert RunTag.objects.get(run=made.child, key="note").value == "ours"
    client.delete_run(made.deleted)


def test_killed_again_and_again_it_ends_the_same(stock, made, workspace, ann, tmp_path):
    """From the server's database, by processes that die at ever later statements and go on from there."""
    files = ["--artifact-root", str(stock.artifacts)]
    command = ["import_mlflow", stock.database, "--workspace", "credit", "--as", "ann", *files]
    assert deaths(command, [9, 25, 60, 90, 140, 200, 10_000_000]) == [True] * 6 + [False]
    killed = _counted()
    facts = bring(stock.database, tmp_path, artifact_root=str(stock.artifacts))
    assert (facts["made"], facts["wrong"]) == ({}, [])
    _runs_are_right(made)
    _files_are_right(made)
    _models_are_right(made)
    assert killed["points"] == 3022 + 2 * ("new" in killed["keys"])
    assert (killed["runs"], killed["models"], killed["versions"]) == (5, 1, 3)
    assert not Origin.objects.filter(is_complete=False).exclude(kind="files").exists()


def _counted():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(points), 0), array_agg(DISTINCT key) FROM experiments_metricchunk"
        )
        points, keys = cursor.fetchone()
    counts = {"runs": Run.objects.count(), "models": LoggedModel.objects.count()}
    return {"points": points, "keys": keys, "versions": ModelVersion.objects.count(), **counts}


def test_gates_hold_and_names_stay(stock, made, workspace, ann, tmp_path):
    """A protected alias is listed, not set; an experiment of ours keeps its runs to itself; a taken id gives way."""
    policy_put(workspace, POLICY)
    ours = Experiment.objects.create(
        workspace=workspace,
        name="Кредит: scoring",
        artifact_location="x",
        creation_time=1,
        last_update_time=1,
    )
    facts = bring(stock.uri, tmp_path, no_files=True)
    assert ours.runs.count() == 0
    assert ("experiment", "Кредит: scoring") in {(each["kind"], each["name"]) for each in facts["left_out"]}
    Run.objects.create(
        id=made.parent,
        experiment=ours,
        workspace=workspace,
        name="taken",
        status="FINISHED",
        start_time=1,
        artifact_uri="x",
    )
    facts = bring(stock.uri, tmp_path, merge=True)
    assert facts["wrong"] == []
    assert ours.runs.count() == 5
    here = Origin.objects.get(kind="run", there=made.parent).here
    assert here != made.parent
    assert RunTag.objects.get(run=made.child, key="mlflow.parentRunId").value == here
    assert not Assignment.objects.filter(name="champion").exists()
    assert "champion of fraud" in {each["name"] for each in facts["left_out"]}
    assert "champion of fraud" in {each["name"] for each in bring(stock.uri, tmp_path)["left_out"]}


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://127.0.0.1:9", "cannot be reached"),
        ("sqlite:////nowhere/mlflow.db", "no database file"),
        ("/nowhere", "no folder of MLflow's"),
    ],
)
def test_a_source_that_is_not_there(uri, said, workspace, ann):
    with pytest.raises(CommandError, match=said) as refused:
        call_command("import_mlflow", uri, workspace="credit", user="ann")
    assert refused.value.returncode == 2
    assert (Origin.objects.count(), AuditEvent.objects.count()) == (0, 0)


@pytest.fixture
def web_server():
    """Makes a web server that gives one answer to everything."""
    servers = []

    def serve(status, body):
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *said):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Answer))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://ann:secret-word@127.0.0.1:{servers[-1].server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>A shop</html>", "is no MLflow tracking server"),
        (404, b"{}", "is no MLflow tracking server"),
        (401, b"no", "refuses these credentials"),
    ],
)
def test_a_server_of_another_kind(status, body, said, web_server, workspace, ann):
    with pytest.raises(CommandError, match=said) as refused:
        call_command("import_mlflow", web_server(status, body), workspace="credit", user="ann")
    assert refused.value.returncode == 2
    assert "secret-word" not in str(refused.value)
    assert (Origin.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_a_folder_of_files(workspace, ann, tmp_path, monkeypatch):
    """As MLflow kept everything by default for years; a point that was logged twice is one."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    folder = tmp_path / "mlruns"
    client = MlflowClient(tracking_uri=f"file://{folder}")
    run_id = client.create_run(client.create_experiment("old"), run_name="first").info.run_id
    client.log_batch(run_id, [Metric("a", 1.0, 5, 0), Metric("a", 1.0, 5, 0), Metric("a", math.inf, 6, 1)])
    client.log_text(run_id, "hello", "notes/a.txt")
    facts = bring(str(folder), tmp_path)
    assert (facts["wrong"], facts["left_out"]) == ([], [])
    run = Run.objects.get(pk=run_id)
    assert history_page(run.pk, "a", offset=0, limit=9) == [(0, 5, 1.0), (1, 6, 1.7976931348623157e308)]
    assert content(f"{store_path(run.artifact_uri)}/notes/a.txt") == b"hello"
    again = bring(str(folder), tmp_path, full=True)
    assert (again["made"], again["changed"], again["wrong"]) == ({}, {}, [])
    client.log_text(run_id, "later", "notes/b.txt")
    folder.rename(tmp_path / "moved")  # it says of its files that they are where they were
    again = bring(str(tmp_path / "moved"), tmp_path, full=True, origin=f"file://{folder}")
    assert (again["made"].get("files"), again["left_out"], again["wrong"]) == (1, [], [])
    assert content(f"{store_path(run.artifact_uri)}/notes/b.txt") == b"later"


def test_who_may_not(stock, workspace, cora):
    with pytest.raises(CommandError, match="needs the role maintainer") as refused:
        call_command("import_mlflow", stock.uri, workspace="credit", user="cora")
    assert refused.value.returncode == 1
    assert not Experiment.objects.exists()


def test_files_of_this_machine_are_read_only_where_that_is_said(stock, made, workspace, ann, tmp_path):
    """A source that names `/etc` as its artifact folder gets nothing from there."""
    facts = bring(stock.database, tmp_path, no_registry=True, dry_run=True)
    assert facts["made"]["runs"] == 5
    assert not Run.objects.exists()
    facts = bring(stock.database, tmp_path, no_registry=True)
    assert "files" not in facts["made"]
    assert any("lies elsewhere" in each["why"] for each in facts["left_out"])


@pytest.mark.parametrize("most", [2, 7, 25_000])
def test_histories_of_many_runs_at_once_are_those_of_each(most, stock, made, monkeypatch):
    monkeypatch.setattr(mlflow_server, "POINTS_PER_PAGE", most)
    reader, client = MlflowReader(stock.uri), MlflowClient(stock.uri)
    pages = [page for experiment in reader.experiments() for page in reader.runs(experiment)]
    wanted = [
        (run, [key for key, *_ in run.latest if most > 2 or key != "long"]) for page in pages for run in page
    ]
    wanted = [(run, keys) for run, keys in wanted if keys]
    reader.expect(wanted)
    for run, keys in wanted:
        found = {key: [] for key in keys}
        for points in reader.history(run, keys):
            found[points.key] += zip(
                points.steps.tolist(), points.timestamps.tolist(), map(str, points.values), strict=True
            )
        for key in keys:
            expected = [(m.step, m.timestamp, str(m.value)) for m in client.get_metric_history(run.id, key)]
            assert sorted(found[key]) == sorted(expected)


def test_a_server_that_cuts_off_early_is_paged_through(stock, made, monkeypatch):
    """It cuts where we do not look for it; the latest point tells."""
    asked = []
    answer = mlflow_server.ServerHistories._answer

    def short(histories, path, params, **options):
        asked.append(path)
        found = answer(histories, path, params, **options)
        return {"metrics": found["metrics"][:1000]} if "bulk" in path else found

    monkeypatch.setattr(mlflow_server.ServerHistories, "_answer", short)
    reader = MlflowReader(stock.uri)
    run = next(
        run
        for each in reader.experiments()
        for page in reader.runs(each)
        for run in page
        if run.id == made.parent
    )
    reader.expect([(run, ["long"])])
    assert sum(map(len, reader.history(run, ["long"]))) == 3000
    assert [path.rsplit("/", 1)[1] for path in asked] == ["get-history-bulk", "get-history"]

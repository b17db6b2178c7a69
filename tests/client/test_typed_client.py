"""The typed client: generated from the document, installed from the wheel, against a running portal, in a notebook."""

import os
import subprocess
import sys
import textwrap
import time
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import mlflow
import nbclient
import nbformat
import pytest
from mlflow.tracking import MlflowClient

from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
ROOT = Path(__file__).resolve().parents[2]
WHEEL = "/cli/portal_client-1.0.0-py3-none-any.whl"
EXAMPLE = """
from datetime import datetime
from pathlib import Path
from portal_client import Client, Conflict, PortalError, models

def use(client: Client) -> None:
    rule: models.RetentionRuleOutput = client.experiments.retention_update("credit", purge_after_days=30)
    changed: datetime = rule.changed_at
    for job in client.jobs.job_list(state="done", workspace="credit"):
        name: str = job.kind
    try:
        client.experiments.collection_start(workspace="credit", is_dry_run=True)
    except Conflict as no:
        code: str = no.code
    total: float = sum(run.metrics["loss"] for run in client.runs("scoring", filter="metrics.loss < 1"))
    saved: Path = client.save("/api/v1/jobs", "jobs.parquet", format="parquet")
"""
WRONG = EXAMPLE.replace("purge_after_days=30", 'purge_after_days="30"').replace(
    'state="done"', 'state="over"'
)


@pytest.fixture(scope="module")
def installed(portal_server: Portal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client as an installer unpacks it."""
    folder = tmp_path_factory.mktemp("installed")
    with portal_server.wire("ann") as wire:
        zipfile.ZipFile(BytesIO(wire.send("GET", WHEEL).body)).extractall(folder)
    return folder


@pytest.fixture
def client(installed: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(installed))
    from portal_client import Client  # noqa: PLC0415 - from the wheel

    with Client(portal.uri, portal.token("ann")) as made:
        yield made


def test_the_modules_are_those_of_the_document() -> None:
    done = subprocess.run([sys.executable, "scripts/client.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "Run `make client`."


def test_a_type_checker_takes_what_is_right_and_finds_what_is_wrong(installed: Path, tmp_path: Path) -> None:
    for name, text in (("right", EXAMPLE), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(text)
    settings = tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nstrict = true\n")
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(settings), "right.py", "wrong.py"], cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(installed)}, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    errors = [line for line in found.splitlines() if ": error:" in line]
    assert [line.split(":")[0] for line in errors] == ["wrong.py"] * 2, found
    assert "purge_after_days" in found


def test_objects_are_made_read_listed_and_refused(client, ann: str, tmp_path: Path) -> None:
    from portal_client import Conflict, InvalidInput, NotFound, PermissionDenied  # noqa: PLC0415

    rule = client.experiments.retention_update("credit", purge_after_days=30)
    assert (rule.purge_after_days, rule.experiment, type(rule.changed_at)) == (30, None, datetime)
    experiment = int(client.runs(ann).experiment_id)
    own = client.experiments.retention_update("credit", experiment_id=experiment, purge_after_days=3)
    assert {each.id for each in client.experiments.retention_read("credit", limit=1)} == {rule.id, own.id}
    with pytest.raises(InvalidInput) as no:
        client.experiments.retention_update("credit", purge_after_days=0)
    assert (no.value.status, no.value.code) == (400, "invalid_input")
    with pytest.raises(NotFound):
        client.accounts.workspace_read("nowhere")
    with pytest.raises(PermissionDenied) as refused:
        client.accounts.token_issue(name="t", scope="read")
    assert refused.value.request_id
    client.experiments.collection_start(workspace="credit", idempotency_key="once")
    with pytest.raises(Conflict):
        client.experiments.collection_start(workspace="credit")
    rows = client.save("/api/v1/jobs", tmp_path / "jobs.csv").read_text().splitlines()
    assert len(rows) > 1
    assert client.experiments.retention_clear("credit") is None


def test_a_notebook_follows_runs_while_they_run(
    ann: str, installed: Path, portal: Portal, tmp_path: Path
) -> None:
    with mlflow.start_run(run_name="<b>first</b>"):
        for step in range(50):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mine = MlflowClient()
    running = mine.create_run(mlflow.get_experiment_by_name(ann).experiment_id, run_name="second").info.run_id
    (tmp_path / "log.py").write_text(
        textwrap.dedent(f"""
        import mlflow
        def log(value, step):
            mlflow.MlflowClient("{portal.uri}").log_metric("{running}", "loss", value, step=step)
        def end():
            mlflow.MlflowClient("{portal.uri}").set_terminated("{running}")
        """)
    )
    cells = [
        f"import os, sys; sys.path[:0] = [{str(installed)!r}, {str(tmp_path)!r}]\nimport log, time\n"
        f"from portal_client import Client\nruns = Client().runs({ann!r}, order_by='attributes.start_time')",
        "table = runs.table(every=0.2)\ntable",
        "chart = runs.chart('loss', every=0.2)\nchart",
        "log.log(0.25, 7); time.sleep(1); log.end()\nassert table.wait(20) and chart.wait(20)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    os.environ |= {"MLFLOW_TRACKING_URI": portal.uri, "MLFLOW_TRACKING_TOKEN": portal.token("ann")}
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    table, chart = (book.cells[n].outputs[0].data["text/html"] for n in (1, 2))
    assert "&lt;b&gt;first&lt;/b&gt;" in table
    assert "<b>first" not in table
    assert "0.25" in table  # came while the notebook ran on, in the output of an earlier cell
    assert "running" not in table
    assert chart.count("<polyline") == 2
    assert "second" in chart
    assert "<script" not in table + chart


def test_what_only_reads_is_tried_again_and_what_writes_is_not(client) -> None:
    import httpx  # noqa: PLC0415
    from portal_client import Unavailable  # noqa: PLC0415

    answers = [
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(200, json={"items": [], "next_cursor": None}),
    ]
    client.calls.http._transport = httpx.MockTransport(lambda request: answers.pop(0))
    began = time.monotonic()
    assert list(client.jobs.job_list()) == []
    assert time.monotonic() - began < 5
    answers.append(httpx.Response(503))
    with pytest.raises(Unavailable):
        client.experiments.collection_start(workspace="credit")

"""Imports that people ask for on a page or through the API: a job does them, within bounds, as whoever asked."""

import io
import re
import tarfile
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import mlflow.utils.request_utils as requests_of_mlflow
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from mlflow.exceptions import MlflowException
from mlflow.utils.rest_utils import MlflowHostCreds, http_request

from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, Run
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.models import Membership
from portal.audit.models import AuditEvent
from tests.transfer.dying import database_url
from tests.transfer.test_import_folders import _export, files_of
from transfer.services.requests import SERVER, Wish, import_request
from transfer.sources.guarded import servers_guard

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
URL = "/api/v1/workspaces/credit/import"


@pytest.fixture
def send(client, token_for, settings, monkeypatch):
    """POST as JSON or as a form."""
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("ARTIFACT_ROOT", str(settings.ARTIFACT_ROOT))

    def post(user, rest, **fields):
        headers = {"Authorization": f"Bearer {token_for(user)}"}
        kind = {} if rest else {"content_type": "application/json"}
        return client.post(f"{URL}{rest or 's'}", fields, headers=headers, **kind)

    return post


def zipped(folder):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder.parent))
    return SimpleUploadedFile("my export (1).zip", made.getvalue())


def test_a_server_comes_by_a_job(send, client, stock, made, workspace, ann, bob, settings, monkeypatch):
    place = urlsplit(stock.uri).netloc
    refused = send(ann, "", uri=stock.uri)
    assert (refused.status_code, "IMPORT_ALLOWED_HOSTS" in refused.json()["detail"]) == (400, True)
    settings.IMPORT_ALLOWED_HOSTS = [place]
    monkeypatch.setenv("IMPORT_ALLOWED_HOSTS", place)
    assert send(bob, "", uri=stock.uri).status_code == 403
    asked = send(ann, "", uri=stock.uri, experiment="Кредит: scoring", with_files=False).json()
    again = send(ann, "", uri=stock.uri, experiment="Кредит: scoring", with_files=False).json()
    assert again["id"] == asked["id"]
    assert send(ann, "", uri=stock.uri).json()["code"] == "importing_already"
    run_job(asked["id"])
    job = JobRun.objects.get(pk=asked["id"])
    assert (job.state, job.reason) == ("done", "")
    assert (job.result["wrong"], job.result["made"]["runs"]) == ([], 4)
    assert {bar.name: bar.done for bar in job.progress.all()}["runs"] == 4
    assert Run.objects.get(pk=made.child).created_by == ann
    events = AuditEvent.objects.filter(action="transfer.import.request", outcome="done")
    assert (events.count(), events.first().object_type) == (2, "jobrun")
    client.force_login(ann)
    shown = client.get(f"/imports/{job.pk}").content.decode()
    assert "metric points, new" in shown
    assert "broken of fraud" in shown
    assert place in client.get("/workspaces/credit/imports").content.decode()


def test_an_archive_comes_by_a_job(send, client, workspace, ann, cora, tmp_path, token_for):
    _export(tmp_path / "export")
    missing = send(ann, "-archives", kind="wandb", archive=zipped(tmp_path / "export"))
    assert (missing.status_code, missing.json()["code"]) == (400, "experiment")
    asked = send(
        ann, "-archives", kind="wandb", archive=zipped(tmp_path / "export"), experiment="boards"
    ).json()
    assert asked["source"] == "my export _1_.zip"
    assert len(list(artifact_store().list_files(f"imports/{workspace.pk}"))) == 1
    Membership.objects.filter(user=ann).update(role="viewer")
    run_job(asked["id"])
    job = JobRun.objects.get(pk=asked["id"])
    assert (job.state, "may not" in job.reason or "maintainer" in job.reason) == ("failed", True)
    Membership.objects.filter(user=ann).update(role="maintainer")
    asked = send(
        ann, "-archives", kind="wandb", archive=zipped(tmp_path / "export"), experiment="boards"
    ).json()
    run_job(asked["id"])
    seen = client.get(
        f"/api/v1/imports/{asked['id']}", headers={"Authorization": f"Bearer {token_for(cora)}"}
    )
    assert (seen.json()["state"], seen.json()["report"]["made"]["runs"]) == ("done", 3)
    assert "files/history.jsonl" in files_of(Experiment.objects.get(name="boards").runs.get(name="abc123"))
    assert not list(artifact_store().list_files(f"imports/{workspace.pk}"))


def test_the_forms_of_the_page(workspace, ann, settings, tmp_path):
    _export(tmp_path / "export")
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    shown = client.get("/workspaces/credit/imports").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)[1]
    address = "/workspaces/credit/imports/new"
    fields = {"archive-kind": "wandb", "archive-experiment": "boards", "archive-with_files": "on"}
    assert client.post(address, fields | {"archive-archive": zipped(tmp_path / "export")}).status_code == 403
    fields["csrfmiddlewaretoken"] = token
    went = client.post(address, fields | {"archive-archive": zipped(tmp_path / "export")})
    job = JobRun.objects.get()
    assert (went.url, job.state) == (f"/imports/{job.pk}", "queued")
    wish = job.args["wish"]
    assert (wish["kind"], wish["origin"], wish["with_files"], wish["merge"]) == (
        "wandb", "my export _1_.zip", True, False,
    )  # fmt: skip
    assert "queued" in client.get(went.url).content.decode()
    said = client.post(address, fields, follow=True).content.decode()
    assert "holds a tar, tar.gz or zip file" in said
    server = {"csrfmiddlewaretoken": token, "server-uri": "http://10.0.0.1"}
    assert "IMPORT_ALLOWED_HOSTS" in client.post(address, server, follow=True).content.decode()
    settings.IMPORT_ALLOWED_HOSTS = ["10.0.0.1"]
    assert client.post(address, server).url.startswith("/imports/")


def _tar(*entries):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, size, kind in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = size, kind
            archive.addfile(entry, io.BytesIO(b"\0" * size))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_tar(("../../etc/x", 1, tarfile.REGTYPE)), "no place inside it"),
        (_tar(("/etc/x", 1, tarfile.REGTYPE)), "no place inside it"),
        (_tar(("fifo", 0, tarfile.FIFOTYPE)), "no plain file"),
        (_tar(("big", 3000, tarfile.REGTYPE)), "at most"),
        (_tar(*((f"{n}", 0, tarfile.REGTYPE) for n in range(4))), "at most"),
        (_tar(("a", 1, tarfile.REGTYPE))[:40], "cannot be unpacked"),
    ],
    ids=["above", "absolute", "pipe", "too-big", "too-many", "cut-off"],
)
def test_an_archive_that_would_do_harm(content, said, send, workspace, ann, monkeypatch):
    monkeypatch.setattr("transfer.uploads.FILES_AT_MOST", 3)
    monkeypatch.setattr("transfer.uploads.BYTES_AT_MOST", 2000)
    asked = send(
        ann, "-archives", kind="mlruns", archive=SimpleUploadedFile("a.tar.gz", content), origin="mine"
    ).json()
    run_job(asked["id"])
    job = JobRun.objects.get(pk=asked["id"])
    assert (job.state, said in job.reason, job.attempt) == ("failed", True, 1), job.reason


def test_what_is_no_archive_is_refused_at_once(send, workspace, ann, settings):
    sent = send(ann, "-archives", kind="mlruns", archive=SimpleUploadedFile("a.zip", b"x" * 600))
    assert (sent.status_code, sent.json()["code"]) == (400, "bad_archive")
    settings.IMPORT_UPLOAD_BYTES = 100
    sent = send(ann, "-archives", kind="mlruns", archive=SimpleUploadedFile("a.zip", b"x" * 600))
    assert sent.status_code in (400, 413)


@pytest.mark.parametrize(
    "uri",
    ["sqlite:////srv/mlflow.db", "/srv/mlruns", "file:///srv", "http://10.0.0.1", "https://169.254.169.254/latest",
     "https://[::1]", "https://localhost", "https://ann:pw@mlflow.example.org", "https://mlflow.example.org/?x=1"],
)  # fmt: skip
def test_addresses_that_a_page_may_not_name(uri, workspace, ann, acting):
    with pytest.raises(Exception, match=r".") as no:
        import_request(actor=acting(ann), workspace=workspace, wish=Wish(kind=SERVER, uri=uri))
    assert no.value.code in ("source", "invalid_input")
    assert not JobRun.objects.exists()


@pytest.fixture
def redirecting(monkeypatch):
    """A server that leads to a port beside its own; what it was asked for."""
    plain = requests_of_mlflow._cached_get_request_session
    monkeypatch.setattr(requests_of_mlflow, "_cached_get_request_session", plain)
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port + 1}/inside")
            self.end_headers()

        def log_message(self, *said):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    plain.cache_clear()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    plain.cache_clear()


def test_no_redirect_and_no_other_name_leads_inside(settings, redirecting, monkeypatch):
    place, asked = redirecting
    servers_guard()
    with pytest.raises(MlflowException, match="IMPORT_ALLOWED_HOSTS"):
        http_request(MlflowHostCreds(f"http://{place}"), "/first", "GET", max_retries=0, timeout=5)
    assert asked == []
    settings.IMPORT_ALLOWED_HOSTS = [place]
    with pytest.raises(MlflowException, match="without TLS"):
        http_request(MlflowHostCreds(f"http://{place}"), "/second", "GET", max_retries=2, timeout=5)
    assert asked[:1] == ["/second"]
    settings.IMPORT_ALLOWED_HOSTS = []
    monkeypatch.setattr("compliance.deliveries.addresses._resolved", lambda host, port: ["127.0.0.1"])
    with pytest.raises(MlflowException, match="not public"):  # a name that stands for this machine
        http_request(MlflowHostCreds("https://mlflow.example.org"), "/third", "GET", max_retries=0, timeout=5)

"""Asking for a training in the browser: as fields, as text, with an archive, and like one that was."""

import io
import tarfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from jobs.models import JobRun
from portal.accounts.actor import Actor
from tests.training.test_training_pages import client_of
from training.models import CodeSnapshot, RuntimeEnvironment, TrainingJob
from training.services.jobs import training_submit

NEW = "/training/new"
FIELDS: dict[str, Any] = {
    "source": "bundled", "bundled": "iris", "run": "entry_point", "what": "main", "experiment": "trainings",
    "name": "by form", "queue": "default", "executor": "local", "timeout": "30m", "seed": "7",
    "parameter_name": ["c", "mode", ""], "parameter_value": ["0.5", "fast", ""],
}  # fmt: skip


@pytest.fixture
def desk(cora) -> Client:
    return client_of(cora)


def sent(desk: Client, address: str = NEW, **changed: Any) -> Any:
    return desk.post(address, {"once": str(uuid4()), **FIELDS, **changed})


def test_the_fields_make_the_training_that_they_show(desk, workspace, cora):
    page = desk.get(NEW).content.decode()
    assert all(text in page for text in ("iris", "Data and models", "trainings"))
    shown = desk.post(f"{NEW}/specification", FIELDS).content.decode()
    assert "bundled: iris" in shown
    assert "c: 0.5" in shown
    answer = sent(desk)
    made = TrainingJob.objects.get()
    assert answer.headers["Location"] == reverse("training", args=[made.pk])
    assert (made.workspace, made.requested_by, made.name) == (workspace, cora, "by form")
    assert made.spec["parameters"] == {"c": 0.5, "mode": "fast"}
    assert (made.spec["seed"], made.spec["limits"]) == (7, {"timeout": "30m", "retries": 0})


def test_a_double_click_asks_once(desk):
    once = str(uuid4())
    first, second = sent(desk, once=once), sent(desk, once=once)
    assert first.headers["Location"] == second.headers["Location"]
    JobRun.objects.update(state="done", finished_at="2026-01-01T00:00Z")
    assert sent(desk, once=once).headers["Location"] == first.headers["Location"]
    assert TrainingJob.objects.count() == JobRun.objects.filter(kind="training.run").count() == 1


@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        ("memory", {"memory": "much"}, "Such as 512Mi or 4Gi."),
        ("experiment", {"experiment": ""}, "Say in which experiment"),
        ("git", {"source": "git", "git": ""}, "Say which repository."),
        ("git", {"source": "git", "git": "http://example.org/x.git"}, "fetches by"),
        ("archive", {"source": "upload"}, "Choose an archive"),
        ("variables", {"variables": "no equals"}, "NAME=value"),
        ("queue", {"queue": "nowhere"}, "There is no queue nowhere"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk, field, changed, said):
    answer = sent(desk, **changed)
    assert answer.status_code == 400
    assert said in " ".join(answer.context["form"].errors[field])
    assert TrainingJob.objects.count() == 0
    assert "fast" in answer.content.decode()  # what was typed in stays


def test_an_input_that_is_not_there_is_named(desk):
    row = {
        "input_name": "rows",
        "input_kind": "dataset",
        "input_of": "nothing",
        "input_version": "",
        "input_context": "",
    }
    answer = sent(desk, **row)
    assert answer.status_code == 400
    assert "Input rows: " in answer.content.decode()


def test_text_and_fields_say_the_same(desk):
    text = desk.post(NEW, {**FIELDS, "go": "text", "once": str(uuid4())}).context["text"]
    back = desk.post(NEW, {"spec": text, "go": "fields", "once": str(uuid4())})
    assert back.context["form"].initial["what"] == "main"
    assert back.context["rows"]["parameter"][0] == {"name": "c", "value": "0.5"}
    assert desk.post(NEW, {"spec": text, "once": str(uuid4())}).status_code == 302
    assert TrainingJob.objects.get().spec["parameters"] == {"c": 0.5, "mode": "fast"}
    for wrong in ("a: b: c", "[1, 2]", "command: x"):
        answer = desk.post(NEW, {"spec": wrong, "once": str(uuid4())})
        assert (answer.status_code, answer.context["problem"] != "") == (400, True)


def test_more_rows_come_without_a_script(desk):
    answer = sent(desk, go="more", experiment="")
    assert answer.status_code == 200
    assert len(answer.context["rows"]["parameter"]) == 4
    assert TrainingJob.objects.count() == 0


def test_an_archive_is_kept_and_run(desk, workspace):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("train.py")
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"pass\n"))
    archive_file = SimpleUploadedFile("code.tar.gz", packed.getvalue())
    refused = sent(
        desk, source="upload", archive=archive_file, memory="much", run="command", what="python train.py"
    )
    kept = CodeSnapshot.objects.get()
    assert refused.context["form"]["snapshot"].value() == str(kept.pk)
    sent(desk, source="upload", snapshot=str(kept.pk), run="command", what="python train.py")
    assert TrainingJob.objects.get().code == kept
    assert sent(desk, source="upload", archive=SimpleUploadedFile("x.zip", b"none")).status_code == 400


def test_a_clone_keeps_the_packages_unless_they_change(desk, workspace, cora):
    spec = {
        "experiment": "trainings",
        "command": "python train.py",
        "code": {"bundled": "iris"},
        "parameters": {"c": 1, "d": "2"},
    }
    original = training_submit(actor=Actor.of_user(cora), workspace=workspace, spec=spec)
    original.environment = RuntimeEnvironment.objects.create(
        digest="e" * 64,
        lock="mlflow==3.1\n",
        python_version="3.11.2",
        platform="linux",
        created_at=original.created_at,
    )
    original.save()
    address = f"{NEW}?from={original.pk}"
    form = desk.get(address).context["form"]
    given = {name: value for name, value in form.initial.items() if name in form.fields and value is not None}
    rows = {"parameter_name": ["c", "d"], "parameter_value": ["3", "2"]}
    assert desk.post(address, {"once": str(uuid4()), **given, **rows}).status_code == 302
    made = TrainingJob.objects.exclude(pk=original.pk).get()
    assert (made.cloned_from, made.environment) == (original, original.environment)
    assert made.spec["parameters"] == {"c": 3, "d": "2"}
    assert desk.post(address, {"once": str(uuid4()), **given, "requirements": "mlflow"}).status_code == 302
    assert TrainingJob.objects.latest("created_at").environment is None


def test_a_form_from_elsewhere_is_refused(cora, workspace):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(cora)
    assert sent(stranger).status_code == 403
    assert TrainingJob.objects.count() == 0


def test_who_may_not_run_there_gets_no_form(bob, cleo, workspace):
    assert client_of(bob).get(NEW).status_code == 403
    assert sent(client_of(bob)).status_code == 403
    assert client_of(cleo).get(f"{NEW}?workspace={workspace.name}").status_code in (403, 404)
    assert TrainingJob.objects.count() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_ask_once(workspace, cora):
    once = str(uuid4())

    def click(_: int) -> str:
        try:
            return str(sent(client_of(cora), once=once).headers["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as hands:
        places = set(hands.map(click, range(6)))
    assert places == {reverse("training", args=[once])}
    assert TrainingJob.objects.count() == JobRun.objects.filter(kind="training.run").count() == 1

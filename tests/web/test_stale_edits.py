"""An edit from a page that is out of date is refused, not written over what somebody else wrote."""

from typing import Any

import pytest
from django.test import Client

from experiments.models import Experiment, Run, RunTag
from experiments.services.runs import NewRun, run_create, run_tag_set, run_update
from portal.accounts.models import User

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOTE = "mlflow.note.content"


@pytest.fixture
def run(experiment: Experiment, ann: User, acting: Any) -> Run:
    return run_create(actor=acting(ann), experiment=experiment, new=NewRun(name="first"))


@pytest.fixture
def browser(client: Client, ann: User) -> Client:
    client.force_login(ann, backend=BACKEND)
    return client


def note_of(run: Run) -> str:
    return RunTag.objects.get(run=run, key=NOTE).value


def test_a_name_that_was_seen_is_replaced(browser: Client, run: Run) -> None:
    assert browser.post(f"/runs/{run.pk.hex}/rename", {"name": "second", "before": "first"}).status_code < 400
    run.refresh_from_db()
    assert run.name == "second"


def test_a_name_that_was_not_seen_stays(browser: Client, run: Run, ann: User, acting: Any) -> None:
    run_update(actor=acting(ann), run=run, name="theirs")
    answer = browser.post(f"/runs/{run.pk.hex}/rename", {"name": "mine", "before": "first"}, follow=True)
    assert "changed by somebody else" in answer.text
    run.refresh_from_db()
    assert run.name == "theirs"


def test_notes_with_several_lines_are_replaced(browser: Client, run: Run, ann: User, acting: Any) -> None:
    run_tag_set(actor=acting(ann), run=run, key=NOTE, value="one\ntwo")
    answer = browser.post(f"/runs/{run.pk.hex}/note", {"note": "three", "before": "one\r\ntwo"})
    assert answer.status_code < 400
    assert note_of(run) == "three"


def test_notes_that_were_not_seen_stay(browser: Client, run: Run, ann: User, acting: Any) -> None:
    run_tag_set(actor=acting(ann), run=run, key=NOTE, value="theirs")
    answer = browser.post(f"/runs/{run.pk.hex}/note", {"note": "mine", "before": ""}, follow=True)
    assert "changed by somebody else" in answer.text
    assert note_of(run) == "theirs"

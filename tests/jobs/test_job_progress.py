"""How far a job is: what it prints, what it reports, and when it will be done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from jobs.models import JobProgress, JobRun
from jobs.process.bars import Bar, bar_in, bars_in
from jobs.process.selectors import progress_of
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.accounts.models import User


@pytest.mark.parametrize(
    ("line", "bar"),
    [
        (
            "Epoch 1:  45%|####5     | 45/100 [00:04<00:05, 10.00it/s, loss=0.3]",
            Bar("Epoch 1", 45, 100, "it"),
        ),
        (" 30%|███       | 1.50k/5.00k [00:00<00:01, 3.1krow/s]", Bar("progress", 1500, 5000, "krow")),
        ("load: 100%|####| 10/10 [00:02<00:00,  2.00s/file]", Bar("load", 10, 10, "file")),
        ("\x1b[32mfit\x1b[0m: 17it [00:04, 4.20it/s]", Bar("fit", 17, None, "it")),
        ("12/45 [======>.......................] - ETA: 3s - loss: 0.2", Bar("progress", 12, 45, "step")),
    ],
)
def test_bars_as_programs_print_them(line: str, bar: Bar) -> None:
    assert bar_in(line) == bar


@pytest.mark.parametrize(
    "line", ["", "see http://x/1/2", "50% of 10/20 [done]", "a | b | 3/4 [x]", "loss 3/4"]
)
def test_other_lines_are_none(line: str) -> None:
    assert bar_in(line) is None


def test_of_a_bar_that_is_written_over_the_last_state_counts() -> None:
    text = (
        "a:  10%|#| 1/10 [00:01<00:09, 1it/s]\ra:  20%|#| 2/10 [00:02<00:08, 1it/s]\nb: 5it [00:01, 5it/s]\n"
    )
    assert {name: bar.done for name, bar in bars_in(text).items()} == {"a": 2, "b": 5}


@pytest.fixture
def post(token_for: Callable[..., str], fresh_cache: None, step: JobStep) -> Callable[..., Any]:
    def send(user: User, **body: Any) -> Any:
        client = Client(headers={"Authorization": f"Bearer {token_for(user)}"})
        return client.post(f"/api/v1/jobs/{step.run.pk}/progress", body, content_type="application/json")

    return send


def test_a_program_reports_with_a_token_of_a_contributor(post: Any, cora: User, step: JobStep) -> None:
    answer = post(cora, name="rows", done=5, total=20, unit="row")
    assert answer.status_code == 201
    assert answer.json()["job_state"] == "running"
    [bar] = answer.json()["items"]
    assert (bar["name"], bar["done"], bar["fraction"]) == ("rows", 5, 0.25)
    assert post(cora, name="rows", done=6, total=20).json()["items"][0]["done"] == 6


def test_others_report_nothing(post: Any, bob: User, cleo: User, cora: User, step: JobStep) -> None:
    assert post(bob, done=1).status_code == 403
    assert post(cleo, done=1).status_code == 404
    assert post(cora, done="nan").status_code == 400
    assert post(cora, done=-1).status_code == 400
    JobRun.objects.filter(pk=step.run.pk).update(state="queued", lease_until=None)
    assert post(cora, done=1).status_code == 409
    assert not JobProgress.objects.exists()


def test_a_job_has_only_so_many_bars(post: Any, cora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.process.progress.BARS_AT_MOST", 2)
    assert [post(cora, name=name, done=1).status_code for name in ("a", "b", "c", "a")] == [
        201,
        201,
        409,
        201,
    ]


def test_the_time_to_come_follows_from_the_pace(
    post: Any, cora: User, step: JobStep, acting: Callable[[User], Actor]
) -> None:
    post(cora, name="rows", done=25, total=100)
    JobProgress.objects.update(started_at=F("updated_at") - timedelta(seconds=50))
    [bar] = progress_of(acting(cora), step.run.pk)
    assert bar.eta_seconds == pytest.approx(150, abs=5)
    post(cora, name="rows", done=1, total=100)
    [bar] = progress_of(acting(cora), step.run.pk)
    assert bar.eta_seconds is None  # it began again

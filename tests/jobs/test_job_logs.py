"""The log of a job over the API, on the page, and in the stream that follows it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from jobs.models import JobLogChunk, JobRun
from jobs.process import logs
from jobs.process.command import Exit
from jobs.process.run import log_write
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, User
from tests.web.test_events import Stream

Shell = Callable[..., Exit]


@pytest.fixture
def get(token_for: Callable[..., str], fresh_cache: None) -> Callable[..., Any]:
    """`get(user, path, **query)` asks the API as that person."""

    def ask(user: User, path: str, **query: Any) -> Any:
        return Client(headers={"Authorization": f"Bearer {token_for(user)}"}).get(f"/api/v1/{path}", query)

    return ask


def test_a_part_of_a_log_says_where_to_go_on(
    get: Any, shell: Shell, step: JobStep, bob: User, cleo: User
) -> None:
    shell("printf 'one\\ntwo\\nthree\\n'")
    path = f"jobs/{step.run.pk}/logs"
    first = get(bob, path, limit=5)
    assert (first.status_code, first.content) == (200, b"one\nt")
    assert first.headers["X-Log-Next-Offset"] == "5"
    rest = get(bob, path, offset=5)
    assert (rest.content, rest.headers["X-Log-Size"]) == (b"wo\nthree\n", "14")
    assert rest.headers["X-Log-Complete"] == "false"
    assert get(bob, path, offset=-6).content == b"three\n"
    assert get(bob, path, attempt=7).content == b""
    assert get(cleo, path).status_code == 404
    whole = get(bob, path, download=1)
    assert b"".join(whole.streaming_content) == b"one\ntwo\nthree\n"
    assert "attachment" in whole.headers["Content-Disposition"]


def test_two_commands_of_an_attempt_share_its_log(get: Any, shell: Shell, step: JobStep, bob: User) -> None:
    shell("echo built", label="build")
    log_write(step, "built in 3 s")
    shell("echo trained", label="train")
    told = get(bob, f"jobs/{step.run.pk}/logs").content.decode()
    assert told == "[portal] build\nbuilt\n[portal] built in 3 s\n[portal] train\ntrained\n"
    shown = get(bob, f"jobs/{step.run.pk}/attempts").json()["items"]
    assert [(each["number"], each["exit_code"], each["tail"]) for each in shown] == [(1, 0, "trained\n")]


def test_small_flushes_grow_one_chunk(step: JobStep, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(logs, "CHUNK_BYTES", 64)
    for number in range(12):
        log_write(step, f"line {number:02}")
    chunks = list(JobLogChunk.objects.filter(job=step.run).order_by("seq"))
    assert [(chunk.offset, chunk.length) for chunk in chunks] == [(0, 64), (64, 64), (128, 64), (192, 12)]
    log_write(step, "more")
    kept = [path.name for path in (tmp_path / "artifacts").rglob("*.gz")]
    assert len(kept) <= len(chunks) + 2  # what was replaced is removed with the flush after


def test_what_a_dead_worker_left_is_taken_in_by_the_next(
    get: Any, step: JobStep, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = logs.attempt_log(step)
    kept.write("stored\n")
    kept.flush()
    kept.write("not stored yet\n")
    JobRun.objects.filter(pk=step.run.pk).update(state="queued", lease_until=None)
    monkeypatch.setattr(logs, "_QUIET_SECONDS", -1)
    logs.leftovers_take_in()
    assert get(bob, f"jobs/{step.run.pk}/logs").content == b"stored\nnot stored yet\n"
    assert not kept.spool.exists()


def test_the_page_shows_the_end_and_how_it_ended(
    rf: RequestFactory, shell: Shell, step: JobStep, bob: User, acting: Callable[[User], Actor]
) -> None:
    shell("printf '10%%\\r20%%\\rdone <b>\\n'; exit 4")
    request = rf.get("/")
    request.actor = acting(bob)  # type: ignore[attr-defined]
    text = render_to_string("jobs/_log.html", {"job": step.run}, request)
    assert "done &lt;b&gt;" in text
    assert "20%" not in text
    assert "Ended with code 4." in text
    assert f'src="/api/v1/jobs/{step.run.pk}/logs" attempt="1" offset="17"' in text
    assert "job-progress" in render_to_string("jobs/_progress.html", {"job": step.run}, request)


def test_following_needs_the_events_process_and_a_ticket_that_is_ours(
    get: Any, shell: Shell, step: JobStep, bob: User, settings: Any
) -> None:
    shell("echo one")
    path = f"jobs/{step.run.pk}/logs"
    assert get(bob, path, follow=1).content == b"one\n"
    settings.EVENTS_URL = "http://events.test"
    moved = get(bob, path, follow=1, offset=2)
    assert moved.status_code == 307
    assert moved.headers["Location"].startswith("http://events.test/job-logs?ticket=")
    assert asyncio.run(_status_of("ticket=made-up")) == 401
    JobRun.objects.filter(pk=step.run.pk).update(state="queued", lease_until=None)
    ended = get(bob, path, follow=1, offset=4)
    assert (ended.status_code, ended.content, ended.headers["X-Log-Complete"]) == (200, b"", "true")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_stream_sends_what_comes_and_ends_with_the_attempt(
    get: Any, step: JobStep, bob: User, settings: Any
) -> None:
    settings.EVENTS_URL = "http://events.test"
    log_write(step, "first")
    moved = get(bob, f"jobs/{step.run.pk}/logs", follow=1, offset=9)
    query = urlsplit(moved.headers["Location"]).query
    assert parse_qs(query)["ticket"]
    asyncio.run(_followed(query, step))
    ApiToken.objects.filter(user=bob).update(revoked_at=step.run.created_at)
    assert asyncio.run(_status_of(query)) == 404


async def _status_of(query: str) -> int:
    async with Stream(path="/job-logs", query=query) as stream:
        return int((await stream.part())["status"])


async def _followed(query: str, step: JobStep) -> None:
    async with Stream(path="/job-logs", query=query) as stream:
        started = await stream.part()
        assert started["status"] == 200
        assert (await stream.part())["body"] == b"first\n"
        await asyncio.to_thread(_write, step, "second")
        assert (await stream.part())["body"] == b"[portal] second\n"
        await asyncio.to_thread(_end, step)
        assert await stream.part() == {"type": "http.response.body", "body": b""}


def _write(step: JobStep, text: str) -> None:
    log_write(step, text)
    connection.close()


def _end(step: JobStep) -> None:
    JobRun.objects.filter(pk=step.run.pk).update(state="queued", lease_until=None)
    connection.close()

"""The events process: who may listen, and that a listener hears of their own workspaces only."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.test import Client

from experiments.services.experiments import experiment_create
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.accounts.services.memberships import membership_remove
from portal.web import events
from portal.web.events import WATCH, application

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 60
QUIET_SECONDS = 2.5  # longer than two looks at the database


class Stream:
    """One request to the events process: what it sends can be awaited part by part."""

    def __init__(
        self, *, cookie: str = "", origin: str | None = None, path: str = "/events", query: str = ""
    ) -> None:
        headers = [(b"cookie", cookie.encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self.scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers,
        }  # fmt: skip
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.end = asyncio.Event()

    async def __aenter__(self) -> "Stream":
        self.task = asyncio.create_task(application(self.scope, self._receive, self.sent.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end.set()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await sync_to_async(connections.close_all)()  # of the thread that asks the database

    async def _receive(self) -> dict[str, Any]:
        await self.end.wait()
        return {"type": "http.disconnect"}

    async def part(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.sent.get(), PATIENCE_SECONDS)

    async def hears_nothing(self) -> bool:
        await asyncio.sleep(QUIET_SECONDS)
        return self.sent.empty()


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def status_of(**request: Any) -> int:
    async def ask() -> int:
        async with Stream(**request) as stream:
            return int((await stream.part())["status"])

    return asyncio.run(ask())


def test_nobody_listens_without_a_session() -> None:
    assert status_of() == 401
    assert status_of(cookie=f"{settings.SESSION_COOKIE_NAME}=made-up") == 401


def test_another_site_cannot_listen(ann: User) -> None:
    assert status_of(cookie=cookie_of(ann), origin="https://elsewhere.example") == 403


def test_there_is_nothing_else_here(ann: User) -> None:
    assert status_of(cookie=cookie_of(ann), path="/") == 404
    assert status_of(path="/health") == 200


@pytest.mark.slow
def test_a_change_is_told_to_those_who_see_it(
    ann: User, cleo: User, workspace: Workspace, acting: Callable[[User], Actor]
) -> None:
    asyncio.run(_a_change(cookie_of(ann), cookie_of(cleo), acting(ann), workspace))
    assert not WATCH.readers


async def _a_change(inside: str, outside: str, actor: Actor, workspace: Workspace) -> None:
    async with Stream(cookie=inside) as member, Stream(cookie=outside) as outsider:
        for stream in (member, outsider):
            assert (await stream.part())["status"] == 200
            assert b"event: changed" in (await stream.part())["body"]  # at the start, once
        assert await member.hears_nothing()
        await sync_to_async(experiment_create)(actor=actor, workspace=workspace, name="seen")
        assert b"event: changed" in (await member.part())["body"]
        assert await outsider.hears_nothing()


@pytest.mark.slow
def test_who_left_a_workspace_hears_of_it_no_more(
    ann: User,
    bob: User,
    workspace: Workspace,
    acting: Callable[[User], Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "SESSION_CHECK_SECONDS", 0)
    asyncio.run(_a_departure(cookie_of(bob), acting(ann), bob, workspace))


async def _a_departure(cookie: str, actor: Actor, member: User, workspace: Workspace) -> None:
    async with Stream(cookie=cookie) as stream:
        assert (await stream.part())["status"] == 200
        await stream.part()
        assert await stream.hears_nothing()
        await sync_to_async(membership_remove)(actor=actor, workspace=workspace, user=member, role="viewer")
        await stream.part()  # the departure itself
        await sync_to_async(experiment_create)(actor=actor, workspace=workspace, name="unseen")
        assert await stream.hears_nothing()

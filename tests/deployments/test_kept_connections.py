"""The client of the gateway against a server that says what each test wants, byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from deployments.gateway import kept_connections
from deployments.gateway.heard import AnswerTooLarge, Broken, Heard, Unreachable
from deployments.gateway.kept_connections import KeptConnections, request_bytes
from portal.embedded.ports import port_free

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Answers each request with the next of the given texts; None says nothing at all, and `closes` closes after."""

    def __init__(self, *answers: bytes | None, closes: bool = False) -> None:
        self.answers, self.closes, self.seen, self.connections = list(answers), closes, list[bytes](), 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0
            )
            self.seen.append(head + await reader.readexactly(length))
            answer = self.answers.pop(0)
            for at in range(0, len(answer or b""), 7 if len(answer or b"") < 1000 else 2**20):
                writer.write((answer or b"")[at : at + (7 if len(answer or b"") < 1000 else 2**20)])
                await writer.drain()
            if self.closes:
                writer.close()
                return


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[Callable[..., Awaitable[Heard]]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await server.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = KeptConnections()
    client.start()
    address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/base"

    async def ask(body: bytes = b"[1]", seconds: float = 20) -> Heard:
        return await client.ask("POST", address, "/infer", {"X-Request-Id": "one"}, body, seconds)

    try:
        yield ask
    finally:
        client.stop()
        listening.close()


def asked(server: Server, times: int = 1, **given: float) -> list[Heard]:
    async def run() -> list[Heard]:
        async with served(server) as ask:
            return [await ask(**given) for _ in range(times)]

    return asyncio.run(run())


def test_a_connection_is_kept_and_the_request_is_whole() -> None:
    server = Server(OK, OK, OK)
    answers = asked(server, 3)
    assert [(each.status, each.body) for each in answers] == [(200, b"{}")] * 3
    assert answers[0].headers[b"content-type"] == b"application/json"
    assert server.connections == 1
    line, *rest = server.seen[0].decode().split("\r\n")
    assert line == "POST /base/infer HTTP/1.1"
    assert rest[1:] == ["X-Request-Id: one", "Content-Length: 3", "", "[1]"]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n!\r\n0\r\n\r\n", b"{}!"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["chunked", "continue first", "no content"],
)
def test_forms_of_answers(answer: bytes, body: bytes) -> None:
    server = Server(answer, OK)
    assert [each.body for each in asked(server, 2)] == [body, b"{}"]
    assert server.connections == 1


def test_an_answer_may_end_with_its_connection() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n{}", closes=True)
    assert asked(server)[0].body == b"{}"


def test_a_server_that_wants_no_kept_connection_gets_another() -> None:
    server = Server(OK.replace(b"200 OK\r\n", b"200 OK\r\nConnection: close\r\n"), OK)
    asked(server, 2)
    assert server.connections == 2


def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    async def run() -> None:
        server = Server(OK, OK, closes=True)
        async with served(server) as ask:
            await ask()
            await asyncio.sleep(0.05)  # the end of the connection is heard
            assert (await ask()).status == 200
        assert server.connections == 2

    asyncio.run(run())


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
     b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n"],
    ids=["nothing", "no HTTP", "cut short", "endless headers"],
)  # fmt: skip
def test_what_is_no_whole_answer(answer: bytes) -> None:
    with pytest.raises(Broken):
        asked(Server(answer, closes=True))


def test_what_nobody_asked_for_is_not_the_next_answer() -> None:
    async def run() -> None:
        server = Server(OK + OK.replace(b"{}", b"[]"), OK)
        async with served(server) as ask:
            await ask()
            await asyncio.sleep(0.05)
            assert (await ask()).body == b"{}"
        assert server.connections == 2

    asyncio.run(run())


def test_an_answer_has_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_connections, "ANSWER_BYTES", 1000)
    with pytest.raises(AnswerTooLarge):
        asked(Server(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"a" * 2000))


def test_no_answer_in_time_and_a_caller_who_left() -> None:
    async def run() -> None:
        server = Server(None, None, OK)
        async with served(server) as ask:
            with pytest.raises(TimeoutError):
                await ask(seconds=0.1)
            left = asyncio.create_task(ask())
            await asyncio.sleep(0.1)
            left.cancel()
            with pytest.raises(asyncio.CancelledError):
                await left
            assert (await ask()).body == b"{}"
        assert server.connections == 3  # no connection that still waits is used for another

    asyncio.run(run())


def test_nobody_listens() -> None:
    async def run() -> None:
        with pytest.raises(Unreachable):
            await KeptConnections().ask("GET", f"http://127.0.0.1:{port_free()}", "/", {}, b"", 5)

    asyncio.run(run())


def test_a_value_cannot_end_its_line() -> None:
    with pytest.raises(ValueError, match="no header may have"):
        request_bytes("POST", "/", {"Content-Type": "a\r\nX: y"}, b"")
    assert request_bytes("GET", "/a b\r\n", {}, b"") == b"GET /a%20b%0D%0A HTTP/1.1\r\n\r\n"

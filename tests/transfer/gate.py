"""A server before a stock one that lets everything through, and holds some requests until it is told to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import requests

_NOT_OURS = {"connection", "content-length", "content-encoding", "transfer-encoding", "host"}


class Gate:
    """`held` is set when a request waits whose path has `word` in it; `opened` lets it and all later ones through."""

    def __init__(self, uri: str, word: str) -> None:
        self.uri, self.word = uri, word
        self.held, self.opened = Event(), Event()
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Passing(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gate.asked.append(self.path)
                gate.tokens.add(self.headers.get("Authorization", ""))
                if gate.word in self.path and not gate.opened.is_set():
                    gate.held.set()
                    gate.opened.wait(300)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name: text for name, text in self.headers.items() if name.lower() not in _NOT_OURS}
                answer = requests.request(
                    self.command, gate.uri + self.path, headers=headers, data=body, timeout=60
                )
                self.send_response(answer.status_code)
                for name, text in answer.headers.items():
                    if name.lower() not in _NOT_OURS:
                        self.send_header(name, text)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_POST = do_GET

            def log_message(self, *said: object) -> None:
                pass

        return Passing


@contextmanager
def gate(uri: str, word: str) -> Iterator[Gate]:
    """A gate before the server at `uri`."""
    made = Gate(uri, word)
    Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.opened.set()
        made.server.shutdown()
        made.server.server_close()

"""Listens and serves until it is told to stop; then finishes what it has."""

import os
import signal
import socket

import uvicorn

from model_server.app import App
from model_server.order import Order
from model_server.scoring import Scorer

STOP_SECONDS, KEEP_ALIVE_SECONDS = 30, 120


class Running:
    """A socket and the server on it."""

    def __init__(self, order: Order, scorer: Scorer) -> None:
        self.order = order
        config = uvicorn.Config(
            App(order, scorer), http="httptools", ws="none", lifespan="off", access_log=False, log_level="warning",
            timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=STOP_SECONDS, server_header=False,
            date_header=False, backlog=512,
        )  # fmt: skip
        self.server = _Server(config)

    def bind(self) -> int:
        """The port that was got. Raises OSError."""
        self.socket = socket.socket(socket.AF_INET6 if ":" in self.order.host else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.order.host, self.order.port))
        self.socket.listen(512)
        return self.socket.getsockname()[1]

    def run(self, ready) -> None:
        """Serve; `ready` is called when connections are taken."""
        self.server.ready = ready
        # uvicorn raises the signal anew when it has finished; whoever is told to stop and does so has ended well.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        self.server.run(sockets=[self.socket])


class _Server(uvicorn.Server):
    async def startup(self, sockets=None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self.ready()

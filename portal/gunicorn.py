"""gunicorn's configuration for the web process: `gunicorn -c portal/gunicorn.py portal.wsgi:application`."""

import socket
import struct
from pathlib import Path
from typing import Any

from gunicorn.http import message

from portal.kernel.memory import collector_prepare
from portal.settings import environment as env

bind = env.text("BIND", f"127.0.0.1:{env.whole('PORT', 8000)}")
worker_class = "gthread"
workers = env.whole("WEB_WORKERS", 2)
threads = env.whole("WEB_THREADS", 8)
worker_connections = 1000
# The workers share what the application imports, and a start that fails does so once, in the open.
preload_app = True
# Longer than the idle time of the load balancers in front, so that they close connections and not we.
keepalive = 75
graceful_timeout = env.whole("WEB_GRACEFUL_SECONDS", 30)
timeout = 60
control_socket_disable = True
errorlog = "-"
accesslog = None
loglevel = "info"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, for heartbeats
forwarded_allow_ips = env.text("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# MLflow's bulk history call puts up to 100 run ids in the query. gunicorn caps its own setting at 8,190 bytes or
# lifts it altogether; a bound of our own keeps a client from sending a line without end.
message.MAX_REQUEST_LINE = 128 * 1024
limit_request_line = message.MAX_REQUEST_LINE
limit_request_field_size = 16 * 1024

RECEIVE_SECONDS = 30
SEND_SECONDS = 60


def when_ready(server: Any) -> None:
    """Prepare what the workers inherit: accepted sockets take these options from the listening one (Linux)."""
    for listener in server.LISTENERS:
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A client that stalls in the middle of a request gives its thread back.
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(RECEIVE_SECONDS))
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_SECONDS))
    _close_connections()
    # What was made before the fork stays out of collections, so that its pages stay shared.
    collector_prepare()


def _close_connections() -> None:
    """No worker may share a database connection with another: each opens its own after the fork."""
    from django.db import connections  # noqa: PLC0415 - gunicorn reads this file before Django is set up

    connections.close_all()


def _timeval(seconds: int) -> bytes:
    return struct.pack("ll", seconds, 0)

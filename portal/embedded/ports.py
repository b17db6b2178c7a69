"""TCP ports of this machine."""

import socket

from portal.embedded.errors import StartRefused

LOOPBACK = "127.0.0.1"


def port_free() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def port_is_taken(port: int) -> bool:
    """Whether somebody listens on it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def port_require(port: int) -> None:
    """Raises StartRefused when the port is taken."""
    if port_is_taken(port):
        raise StartRefused(
            f"Port {port} is taken by another program. Choose another one, for example: make run PORT={port + 1}"
        )

"""Switches Nagle's algorithm off on every TCP connection that this process accepts."""

import socket

_accept = socket.socket.accept


def _accept_without_delay(self: socket.socket) -> tuple[socket.socket, object]:
    connection, address = _accept(self)
    if connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection, address


socket.socket.accept = _accept_without_delay  # type: ignore[method-assign]

"""Short ways to make runs and models and to reach their files over the wire."""

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tests.live.portal import Portal
from tests.live.wire import Reply, Wire, raw_exchange

API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts"
FILES = f"{PROXY}/artifacts"


def experiment_make(wire: Wire) -> str:
    made = wire.json("POST", f"{API}/experiments/create", {"name": f"artifacts-{uuid4().hex}"})
    assert made.status == 200, made.body
    return str(made.json["experiment_id"])


def run_make(wire: Wire, experiment_id: str | None = None) -> dict[str, Any]:
    """MLflow's info of a new run."""
    experiment_id = experiment_id or experiment_make(wire)
    made = wire.json("POST", f"{API}/runs/create", {"experiment_id": experiment_id, "start_time": 1})
    assert made.status == 200, made.body
    info: dict[str, Any] = made.json["run"]["info"]
    return info


def model_make(wire: Wire, **fields: Any) -> dict[str, Any]:
    """MLflow's info of a new logged model."""
    fields.setdefault("experiment_id", experiment_make(wire))
    made = wire.json("POST", f"{API}/logged-models", fields)
    assert made.status == 200, made.body
    info: dict[str, Any] = made.json["model"]["info"]
    return info


def address(uri: str, path: str = "") -> str:
    """The proxy's address of a file below one of our URIs."""
    whole = uri.removeprefix("mlflow-artifacts:/") + (f"/{path}" if path else "")
    return f"{FILES}/{quote(whole)}"


def put(wire: Wire, uri: str, path: str, body: bytes = b"hello") -> Reply:
    return wire.send("PUT", address(uri, path), body)


def get(wire: Wire, uri: str, path: str, **headers: str) -> Reply:
    return wire.send(
        "GET", address(uri, path), headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def raw(portal: Portal, person: str, method: str, target: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of a request whose target is sent as it is, which no HTTP library would do."""
    head = (
        method.encode() + b" " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Authorization: Bearer " + portal.token(person).encode() + b"\r\n"
        b"Content-Type: application/json\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n"
    )
    answer = raw_exchange(portal.port, head + body)
    start, _, rest = answer.partition(b"\r\n\r\n")
    return int(start.split()[1]), rest


def broken_off(port: int, request: bytes) -> bytes:
    """What the server says to a client that sends no more than this."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def error_code(body: bytes) -> str:
    return str(json.loads(body)["error_code"])


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

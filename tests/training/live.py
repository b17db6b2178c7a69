"""Trainings on the live portal, asked for over HTTP."""

import time
from typing import Any

from tests.live.wire import Wire

# No test says how fast; a machine may be busy.
PATIENCE_SECONDS = 400
ENDED = ("done", "failed", "cancelled")


def submitted(wire: Wire, spec: dict[str, Any], workspace: str = "credit") -> str:
    """Ask for a training; its id."""
    made = wire.json("POST", "/api/v1/training-jobs", {"workspace": workspace, "spec": spec})
    assert made.status == 201, made.body
    return str(made.json["id"])


def ended(wire: Wire, training_id: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """The training when it has ended."""
    return waited(
        wire, f"/api/v1/training-jobs/{training_id}", lambda found: found["state"] in ENDED, seconds
    )


def waited(wire: Wire, path: str, is_there: Any, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """What an address answers when that holds."""
    deadline = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = wire.json("GET", path).json
        if is_there(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.3)


def dataset_uploaded(wire: Wire, name: str, files: dict[str, bytes], workspace: str = "credit") -> int:
    """Make a version of a dataset from files; its number."""
    mark = "portal-test-boundary"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{path}"\r\n\r\n'.encode()
        + content
        for path, content in files.items()
    ]
    body = b"\r\n".join([*parts, f"--{mark}--\r\n".encode()])
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    made = wire.send("POST", f"/api/v1/datasets/{workspace}/{name}/versions", body, kind)
    assert made.status == 201, made.body
    return int(made.json["version"])

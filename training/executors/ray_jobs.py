"""Ray through its Jobs REST API: https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html.

The name of a submission is that of the attempt, so the cluster itself refuses to start it twice.
"""

import hashlib
import json
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import urllib3
import websocket
from django.conf import settings

from jobs.errors import Permanent
from portal.kernel.errors import Unavailable
from training.executors.cluster import ENDED, RUNNING, WAITING, Seen, Submission
from training.executors.order import PROGRAM, program_pack
from training.executors.remote_program import REFUSED
from training.spec.reading import memory_bytes

_STATES = {"PENDING": WAITING, "RUNNING": RUNNING}
_TIMEOUT = urllib3.Timeout(connect=3, read=8)
_UPLOAD_TIMEOUT = urllib3.Timeout(connect=3, read=60)
_SILENCE_SECONDS = 5
_TRAINING = "portal_training"


class RayCluster:
    """A running cluster, reached at the address of its dashboard."""

    title = "Ray"

    def __init__(self, address: str, token: str = "") -> None:
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)

    def look(self, key: str) -> Seen | None:
        found = self.call("GET", f"/api/jobs/{quote(key)}", missing=True)
        if found is None:
            return None
        return Seen(
            _STATES.get(found["status"], ENDED),
            " ".join(str(found.get("message") or "").split())[:500],
            is_success=found.get("driver_exit_code") not in (None, REFUSED),
        )

    def active(self, training: str) -> list[str]:
        listed: list[dict[str, Any]] = self.call("GET", "/api/jobs/") or []
        return [
            str(job["submission_id"])
            for job in listed
            if (job.get("metadata") or {}).get(_TRAINING) == training and job["status"] in _STATES
        ]

    def submit(self, submission: Submission) -> None:
        if self.look(submission.key) is not None:
            return
        self.call("POST", "/api/jobs/", _request(submission, self.package_keep(program_pack())))

    def stop(self, key: str) -> None:
        self.call("POST", f"/api/jobs/{quote(key)}/stop", missing=True)

    def log(self, key: str) -> Iterator[bytes]:
        address = f"ws{self._address.removeprefix('http')}/api/jobs/{quote(key)}/logs/tail"
        try:
            stream = websocket.create_connection(address, timeout=_SILENCE_SECONDS, header=self._headers)
            try:
                yield from _messages(stream)
            finally:
                stream.close()
        except (websocket.WebSocketException, OSError) as error:
            raise Unavailable(f"Ray does not send the log: {error}.") from error

    def package_keep(self, packed: bytes) -> str:
        """The address of a zip in the cluster's own store, uploaded where it is not there yet."""
        name = f"_ray_pkg_{hashlib.sha256(packed).hexdigest()[:32]}.zip"
        if self.call("GET", f"/api/packages/gcs/{name}", missing=True) is None:
            self.call("PUT", f"/api/packages/gcs/{name}", packed)
        return f"gcs://{name}"

    def call(self, method: str, path: str, body: Any = None, *, missing: bool = False) -> Any:
        """The answer as JSON. With `missing`, None where there is no such thing. Raises Unavailable, Permanent."""
        is_json = body is not None and not isinstance(body, bytes)
        sent = json.dumps(body).encode() if is_json else body
        headers = {**self._headers, **({"Content-Type": "application/json"} if is_json else {})}
        try:
            answer = self._http.request(
                method, f"{self._address}{path}", body=sent, headers=headers,
                timeout=_TIMEOUT if sent is None else _UPLOAD_TIMEOUT,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"Ray does not answer at {self._address}: {type(error).__name__}.") from error
        if answer.status == 404 and missing:
            return None
        if answer.status >= 500:
            raise Unavailable(f"Ray cannot do it now: {_last_line(answer.data)}.")
        if answer.status >= 400:
            raise Permanent(f"Ray refused with {answer.status}: {_last_line(answer.data)}.")
        return json.loads(answer.data) if answer.data.strip() else {}


def ray_connect() -> RayCluster:
    """The cluster of the settings. Raises Permanent where there is none."""
    if not settings.RAY_ADDRESS:
        raise Permanent(
            "The portal knows no Ray cluster: an operator sets RAY_ADDRESS, or choose another executor."
        )
    return RayCluster(settings.RAY_ADDRESS, settings.RAY_TOKEN)


def _request(submission: Submission, package: str) -> dict[str, Any]:
    resources = submission.resources
    wanted: dict[str, Any] = {
        "entrypoint": f"exec {shlex.quote(settings.RAY_PYTHON)} {PROGRAM}",
        "submission_id": submission.key,
        "metadata": {_TRAINING: submission.training, "name": submission.name},
        "runtime_env": {
            "working_dir": package,
            "env_vars": {"PORTAL_URL": submission.portal_url, "PORTAL_CLAIM": submission.claim},
        },
        # Without a number, Ray would run it on the head node.
        "entrypoint_num_cpus": resources.get("cpus", 1),
    }
    if resources.get("gpus"):
        wanted["entrypoint_num_gpus"] = resources["gpus"]
    if "memory" in resources:
        wanted["entrypoint_memory"] = memory_bytes(resources["memory"])
    return wanted


def _messages(stream: websocket.WebSocket) -> Iterator[bytes]:
    while True:
        try:
            kind, data = stream.recv_data()
        except websocket.WebSocketTimeoutException:
            yield b""
            continue
        except websocket.WebSocketConnectionClosedException:
            return
        if kind == websocket.ABNF.OPCODE_CLOSE:
            return
        yield bytes(data)


def _last_line(data: bytes) -> str:
    lines = data.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "no reason given"

"""A small HTTP server that behaves like the API server of Kubernetes, as far as trainings meet it. It is no cluster.

Objects are checked against the official schema. A Job is run as a process of this machine with the files, variables
and working directory that its manifest describes; names, conflicts, selectors, states and logs are those of the API.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from portal.kernel.json_schema import JsonSchema

SCHEMA = json.loads((Path(__file__).parent / "kubernetes_schema.json").read_text())
KINDS = {"configmaps": "ConfigMap", "jobs": "Job", "secrets": "Secret"}


def problems(kind: str, manifest: dict[str, Any]) -> list[str]:
    """What the official schema has against a manifest."""
    schema = JsonSchema({**SCHEMA, "$ref": f"#/$defs/{kind}"})
    return [error.message for error in schema.errors(manifest)]


class KubeServer:
    """`objects[kind][name]` is what was made; `broken` makes every answer that status."""

    def __init__(self, **variables: str) -> None:
        self.objects: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self.pods: dict[str, Pod] = {}
        self.broken = 0
        self.calls: list[str] = []
        self.variables = variables
        handler = type("Bound", (Handler,), {"kube": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        for pod in self.pods.values():
            pod.end()
        self._server.shutdown()
        self._server.server_close()

    def config(self, path: Path) -> Path:
        """A kubeconfig that leads here."""
        named = {"name": "tests"}
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "tests",
            "clusters": [{**named, "cluster": {"server": self.address}}],
            "users": [{**named, "user": {"token": "only-for-tests"}}],
            "contexts": [{**named, "context": {"cluster": "tests", "user": "tests"}}],
        }))  # fmt: skip
        return path


class Pod:
    """One process in place of a container."""

    def __init__(self, job: dict[str, Any], objects: dict[str, Any], variables: dict[str, str]) -> None:
        maps = objects["configmaps"]
        spec = job["spec"]["template"]["spec"]
        self.folder = Path(tempfile.mkdtemp(prefix="pod-"))
        mounted = {volume["name"]: volume.get("configMap") for volume in spec["volumes"]}
        container = spec["containers"][0]
        for mount in container["volumeMounts"]:
            self._mount(mount["mountPath"], mounted[mount["name"]], maps)
        env = {each["name"]: self._inside(each.get("value", "")) for each in container["env"]}
        for each in container["env"]:
            if "valueFrom" in each:
                asked = each["valueFrom"]["secretKeyRef"]
                env[each["name"]] = objects["secrets"][asked["name"]]["stringData"][asked["key"]]
        self.log = self.folder / "log"
        words = [self._inside(word) for word in container["command"]]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words[1:]], env={"PATH": os.environ["PATH"], **variables, **env}, stdout=log,
                stderr=log, cwd=self._inside(container["workingDir"]), start_new_session=True,
            )  # fmt: skip

    def end(self) -> None:
        """As the kubelet: TERM, then KILL after the grace period."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _inside(self, text: str) -> str:
        return text if "://" in text else text.replace("/portal/", f"{self.folder}/portal/").replace(
            "/work", f"{self.folder}/work"
        )  # fmt: skip

    def _mount(self, place: str, source: dict[str, Any] | None, maps: dict[str, Any]) -> None:
        root = Path(f"{self.folder}{place}")
        root.mkdir(parents=True)
        for item in source["items"] if source else []:
            path = root / item["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(maps[source["name"]]["data"][item["key"]])  # type: ignore[index]


class Handler(BaseHTTPRequestHandler):
    kube: KubeServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, _ = self._place()
        if kind is None:
            return
        wrong = problems(KINDS[kind], body)
        name = body["metadata"].get("name")
        if wrong or name in self.kube.objects[kind]:
            code, reason = (422, "Invalid") if wrong else (409, "AlreadyExists")
            self._status(code, reason, "; ".join(wrong) or f"{kind} {name} already exists")
            return
        body["metadata"]["uid"] = str(uuid4())
        self.kube.objects[kind][name] = body
        # The container waits for its secret.
        if kind == "secrets":
            owner = body["metadata"]["ownerReferences"][0]
            job = self.kube.objects["jobs"][owner["name"]]
            assert owner["uid"] == job["metadata"]["uid"]
            self.kube.pods[name] = Pod(job, self.kube.objects, self.kube.variables)
        self._answer(201, body)

    def do_GET(self) -> None:
        kind, name = self._place()
        if kind == "pods" and name:
            self._log(name.removesuffix("-pod"))
        elif kind == "pods":
            self._pods()
        elif kind == "jobs" and not name:
            self._jobs()
        elif kind == "jobs" and name in self.kube.objects["jobs"]:
            self._answer(200, self._job(name))
        elif kind is not None:
            self._status(404, "NotFound", f"{kind} {name} not found")

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, name = self._place()
        if kind is None:
            return
        if name not in self.kube.objects["jobs"]:
            self._status(404, "NotFound", f"jobs {name} not found")
            return
        policy = parse_qs(urlsplit(self.path).query).get("propagationPolicy", ["Background"])[0]
        self.kube.calls.append(f"delete {policy}")
        job = self._job(name)

        def gone() -> None:
            if name in self.kube.pods:
                self.kube.pods[name].end()
            self.kube.objects["jobs"].pop(name, None)
            self.kube.objects["secrets"].pop(name, None)

        threading.Thread(target=gone, daemon=True).start()
        self._answer(200, job)

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _place(self) -> tuple[Any, str]:
        """The kind and name in the path; the first is None after a refusal."""
        parts = urlsplit(self.path).path.split("/")
        kind = parts[parts.index("namespaces") + 2]
        self.kube.calls.append(f"{self.command} {kind}")
        if self.kube.broken:
            self._status(self.kube.broken, "Broken", "as the test wants")
            return None, ""
        return kind, parts[parts.index(kind) + 1] if parts[-1] != kind else ""

    def _selector(self) -> str:
        return parse_qs(urlsplit(self.path).query)["labelSelector"][0]

    def _jobs(self) -> None:
        wanted = dict([self._selector().split("=")])
        found = [
            self._job(key)
            for key, job in self.kube.objects["jobs"].items()
            if wanted.items() <= job["metadata"]["labels"].items()
        ]
        self._answer(200, {"kind": "JobList", "apiVersion": "batch/v1", "items": found})

    def _job(self, name: str) -> dict[str, Any]:
        code = self.kube.pods[name].process.poll() if name in self.kube.pods else None
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        ended = {
            "type": "Complete" if code == 0 else "Failed",
            "status": "True",
            "reason": "BackoffLimitExceeded",
        }
        status = (
            {}
            if code is None
            else {"conditions": [ended], **({"completionTime": moment} if code == 0 else {})}
        )
        return {**self.kube.objects["jobs"][name], "status": status}

    def _pods(self) -> None:
        name = self._selector().partition("=")[2]
        pod, items = self.kube.pods.get(name), []
        if pod is not None:
            code = pod.process.poll()
            state = {"running": {}} if code is None else {"terminated": {"exitCode": code, "reason": "Error"}}
            status = {
                "name": "training",
                "image": "",
                "imageID": "",
                "ready": True,
                "restartCount": 0,
                "state": state,
            }
            phase = "Running" if code is None else "Succeeded" if code == 0 else "Failed"
            items = [
                {
                    "metadata": {"name": f"{name}-pod"},
                    "status": {"phase": phase, "containerStatuses": [status]},
                }
            ]
        self._answer(200, {"kind": "PodList", "apiVersion": "v1", "items": items})

    def _log(self, name: str) -> None:
        pod = self.kube.pods[name]
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with pod.log.open("rb") as file:
            while True:
                is_last = pod.process.poll() is not None
                while data := file.read(4096):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                if is_last:
                    break
                time.sleep(0.05)
        self.wfile.write(b"0\r\n\r\n")

    def _status(self, code: int, reason: str, message: str) -> None:
        self._answer(
            code, {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
        )

    def _answer(self, code: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

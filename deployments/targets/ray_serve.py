"""Ray Serve on a running cluster: one application for a revision, whose replicas hold the portal's own model server.

Nodes see JOBS_DIR of the workers, as for trainings with EXECUTORS_SHARE_FILES. Ray takes all applications that were
declared at once, so what others declared is sent along, and one job at a time does it.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings

from deployments.facts import FAILED, FAILING, READY, STARTING, STOPPED
from deployments.models import Revision
from deployments.node.processes import SERVE
from deployments.targets.protocol import Seen, Wanted, server_order
from jobs.errors import Permanent
from portal.kernel import sql
from training.executors.ray_jobs import RayCluster, ray_connect

APPLICATIONS = "/api/serve/applications/"
PROGRAM = SERVE.parents[1] / "ray" / "portal_serving.py"
_ONE_AT_A_TIME = "deployments.ray_serve"
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_GOING = ("DELETING",)


class RayServeTarget:
    """The cluster of the settings."""

    is_prepared = True

    def apply(self, wanted: Wanted) -> None:
        if not settings.EXECUTORS_SHARE_FILES:
            raise Permanent(
                "Ray Serve needs the files of models on its nodes: share JOBS_DIR and set EXECUTORS_SHARE_FILES."
            )
        ray = _connect()
        application = application_of(wanted, ray.package_keep(program_pack()))

        def put(known: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
            # What a revision is never changes, so one that is there stays as it is.
            return known if application["name"] in known else {**known, application["name"]: application}

        _declare(ray, put)

    def observe(self, revision: Revision) -> Seen:
        found = _applications(_connect()).get(application_name(revision))
        if found is None:
            return Seen(STOPPED, is_gone=True)
        status, said = found["status"], _said(found)
        if status == "RUNNING":
            return Seen(READY, "", (f"{settings.RAY_SERVE_URL.rstrip('/')}/{application_name(revision)}",))
        if status in _GOING:
            return Seen(STOPPED, "Ray ends it.")
        has_served = revision.observed_state in (READY, FAILING)
        if status == "DEPLOY_FAILED" and not has_served:
            return Seen(FAILED, said)
        return Seen(FAILING if has_served else STARTING, said)

    def remove(self, revision: Revision) -> None:
        name = application_name(revision)
        _declare(_connect(), lambda known: {key: value for key, value in known.items() if key != name})


def application_name(revision: Revision) -> str:
    return f"portal-{revision.pk.hex[-16:]}"


def application_of(wanted: Wanted, package: str) -> dict[str, Any]:
    """What Ray is told of a revision. Whoever reaches the cluster can read it, the key among it: Ray has no users."""
    revision, resources = wanted.revision, wanted.resources
    return {
        "name": application_name(revision), "route_prefix": f"/{application_name(revision)}",
        "import_path": "portal_serving:app", "runtime_env": {"working_dir": package},
        "args": {
            "order": server_order(revision, wanted.prepared["model"]), "python": wanted.prepared["python"],
            "replicas": resources["replicas"],
            "cpus": resources["cpus"], "memory_bytes": resources["memory_mb"] * 1024**2,
            "concurrency": revision.endpoint.settings["limits"]["concurrency"],
        },
    }  # fmt: skip


@cache
def program_pack() -> bytes:
    """The program with the model server as a zip that is the same for the same files."""
    packed, server = io.BytesIO(), SERVE.parent
    files = sorted([SERVE, *(server / "model_server").glob("*.py")])
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(PROGRAM.name, _FIXED_TIME), PROGRAM.read_text())
        for path in files:
            name = f"server/{path.relative_to(server).as_posix()}"
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), path.read_text())
    return packed.getvalue()


def _connect() -> RayCluster:
    """Raises Permanent where the cluster is not set up."""
    if not settings.RAY_SERVE_URL:
        raise Permanent(
            "The portal knows no Ray Serve: an operator sets RAY_SERVE_URL, or choose another target."
        )
    return ray_connect()


def _applications(ray: RayCluster) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = (ray.call("GET", APPLICATIONS) or {}).get("applications") or {}
    return found


def _said(application: dict[str, Any]) -> str:
    """The words of the application and of its deployment, whose ends say why a model did not start."""
    parts = [application, *(application.get("deployments") or {}).values()]
    return " ".join(word for part in parts for word in str(part.get("message") or "").split())[-2000:]


def _declare(ray: RayCluster, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Declare what there is with a change, if it is one."""
    with _alone():
        there = ray.call("GET", APPLICATIONS) or {}
        known = {
            name: each["deployed_app_config"]
            for name, each in (there.get("applications") or {}).items()
            if each.get("deployed_app_config") and each["status"] not in _GOING
        }
        wanted = change(known)
        if wanted.keys() == known.keys():
            return
        port = int(settings.RAY_SERVE_URL.rstrip("/").rpartition(":")[2])
        http = there.get("http_options") or {"host": "0.0.0.0", "port": port}  # noqa: S104 - of the cluster's nodes
        body = {
            "proxy_location": there.get("proxy_location") or "EveryNode",
            "http_options": {name: http[name] for name in ("host", "port") if name in http},
            "applications": list(wanted.values()),
        }
        ray.call("PUT", APPLICATIONS, body)


@contextmanager
def _alone() -> Iterator[None]:
    key = int.from_bytes(hashlib.sha256(_ONE_AT_A_TIME.encode()).digest()[:7])
    sql.row("SELECT pg_advisory_lock(%s)", (key,))
    try:
        yield
    finally:
        sql.row("SELECT pg_advisory_unlock(%s)", (key,))


TARGET = RayServeTarget()

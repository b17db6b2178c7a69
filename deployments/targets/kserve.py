"""KServe in a Kubernetes cluster: one InferenceService for a revision, which runs the portal's own model server.

KServe fetches the files from the artifact store; the server hashes them before it loads anything, as everywhere. What
it is told, its key among it, is a Secret; the program and the locked packages are a ConfigMap that never changes.
"""

import hashlib
import json
from typing import Any

from django.conf import settings
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from deployments.facts import FAILED, FAILING, READY, STARTING, STOPPED
from deployments.models import Revision
from deployments.node.processes import SERVE
from deployments.targets.protocol import Seen, Wanted, server_order
from experiments.artifacts.locations import store_path
from jobs.errors import Permanent
from training.executors.kubernetes_jobs import answered, api_connect
from training.models import RuntimeEnvironment

GROUP, VERSION, PLURAL = "serving.kserve.io", "v1beta1", "inferenceservices"
LABELS = {"app.kubernetes.io/name": "portal-serving", "app.kubernetes.io/managed-by": "portal"}
PORT, USER = 8080, 10001
_TIMEOUT = (3, 8)
_MOUNTED, _PROGRAM, _ORDER = "/mnt/models", "/portal/server", "/portal/order"
_START = (
    'uv venv --quiet --python "$PORTAL_PYTHON" /tmp/env && '
    "uv pip install --quiet --require-hashes --no-deps --python /tmp/env/bin/python "
    f"-r {_PROGRAM}/requirements.lock && "
    f"exec /tmp/env/bin/python {_PROGRAM}/serve.py {_ORDER}/order.json"
)
_HOPELESS = ("BlockedByFailedLoad", "InvalidSpec")


class KServeTarget:
    """One namespace of a cluster that has KServe."""

    is_prepared = True

    @answered
    def apply(self, wanted: Wanted) -> None:
        api, revision = _api(), wanted.revision
        if not settings.KSERVE_STORAGE_URI:
            raise Permanent(
                "KSERVE_STORAGE_URI is not set, so KServe does not know where the files of models are."
            )
        environment = RuntimeEnvironment.objects.get(digest=wanted.prepared["environment"])
        program, core = program_map(environment), client.CoreV1Api(api)
        _made(core.create_namespaced_config_map, program)
        _made(core.create_namespaced_secret, order_secret(revision))
        manifest, objects = service_manifest(wanted, program["metadata"]["name"], environment), _objects(api)
        try:
            objects.create_namespaced_custom_object(
                GROUP, VERSION, settings.KSERVE_NAMESPACE, PLURAL, manifest, _request_timeout=_TIMEOUT
            )
        except ApiException as error:
            if error.status != 409:
                raise

    @answered
    def observe(self, revision: Revision) -> Seen:
        found = _read(_objects(_api()), revision)
        if found is None:
            return Seen(STOPPED, is_gone=True)
        status = found.get("status") or {}
        ready: dict[str, Any] = next(
            (each for each in status.get("conditions") or [] if each.get("type") == "Ready"), {}
        )
        address = (status.get("address") or {}).get("url") or status.get("url") or ""
        if ready.get("status") == "True" and address:
            return Seen(READY, "", (str(address).rstrip("/"),))
        model = status.get("modelStatus") or {}
        failure = (model.get("lastFailureInfo") or {}).get("message", "")
        said = " ".join(str(part) for part in (ready.get("reason"), ready.get("message"), failure) if part)
        if model.get("transitionStatus") in _HOPELESS:
            return Seen(FAILED, said)
        return Seen(FAILING if revision.observed_state in (READY, FAILING) else STARTING, said)

    @answered
    def remove(self, revision: Revision) -> None:
        api, name = _api(), service_name(revision)
        _gone(
            _objects(api).delete_namespaced_custom_object,
            GROUP,
            VERSION,
            settings.KSERVE_NAMESPACE,
            PLURAL,
            name,
        )
        _gone(client.CoreV1Api(api).delete_namespaced_secret, name, settings.KSERVE_NAMESPACE)


def service_name(revision: Revision) -> str:
    """Short, as KServe makes host names of it."""
    return f"portal-{revision.pk.hex[-16:]}"


def program_map(environment: RuntimeEnvironment) -> dict[str, Any]:
    """The server and its packages, under a name that says the content."""
    files = sorted([SERVE, *(SERVE.parent / "model_server").glob("*.py")])
    data = {_key(path.relative_to(SERVE.parent).as_posix()): path.read_text() for path in files}
    data["requirements.lock"] = environment.lock
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "immutable": True, "data": data,
        "metadata": {"name": f"portal-server-{digest[:16]}", "labels": LABELS},
    }  # fmt: skip


def order_secret(revision: Revision) -> dict[str, Any]:
    """What the server is told."""
    order = {**server_order(revision, _MOUNTED), "host": "0.0.0.0", "port": PORT}  # noqa: S104 - inside of a pod
    return {
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": True,
        "metadata": {"name": service_name(revision), "labels": LABELS},
        "stringData": {"order.json": json.dumps(order)},
    }  # fmt: skip


def service_manifest(wanted: Wanted, program: str, environment: RuntimeEnvironment) -> dict[str, Any]:
    """The InferenceService of a revision."""
    revision, resources = wanted.revision, wanted.resources
    predictor: dict[str, Any] = {
        "minReplicas": resources["replicas"], "maxReplicas": resources["replicas"],
        "timeout": max(1, round(revision.endpoint.settings["limits"]["timeout_seconds"])),
        "automountServiceAccountToken": False,
        "containers": [_container(wanted, environment)],
        "volumes": [
            {"name": "program", "configMap": {"name": program, "items": _items()}},
            {"name": "order", "secret": {"secretName": service_name(revision)}},
        ],
    }  # fmt: skip
    if settings.KSERVE_SERVICE_ACCOUNT:
        predictor["serviceAccountName"] = settings.KSERVE_SERVICE_ACCOUNT
    return {
        "apiVersion": f"{GROUP}/{VERSION}", "kind": "InferenceService",
        "metadata": {
            "name": service_name(revision), "labels": LABELS,
            "annotations": {
                "portal/endpoint": revision.endpoint.name, "portal/revision": str(revision.number),
                "portal/digest": revision.digest,
            },
        },
        "spec": {"predictor": predictor},
    }  # fmt: skip


def _container(wanted: Wanted, environment: RuntimeEnvironment) -> dict[str, Any]:
    version, resources = wanted.revision.version, wanted.resources
    bounds = {"cpu": str(resources["cpus"]), "memory": f"{resources['memory_mb']}Mi"}
    root = settings.KSERVE_STORAGE_URI.rstrip("/")
    return {
        "name": "kserve-container", "image": settings.KSERVE_IMAGE, "command": ["sh", "-ec", _START],
        "env": [
            {"name": "STORAGE_URI", "value": f"{root}/{store_path(version.artifact_location)}"},
            {"name": "PORTAL_PYTHON", "value": environment.python_version},
            {"name": "HOME", "value": "/tmp"},  # noqa: S108 - inside of a pod
        ],
        "ports": [{"containerPort": PORT, "protocol": "TCP"}],
        "resources": {"requests": bounds, "limits": bounds},
        # It listens when the files were checked and the model was loaded; health is told to who shows the key.
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 2, "failureThreshold": 3},
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": USER, "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": "program", "mountPath": _PROGRAM, "readOnly": True},
            {"name": "order", "mountPath": _ORDER, "readOnly": True},
        ],
    }  # fmt: skip


def _items() -> list[dict[str, str]]:
    files = [
        path.relative_to(SERVE.parent).as_posix() for path in (SERVE.parent / "model_server").glob("*.py")
    ]
    return [{"key": _key(path), "path": path} for path in sorted(["serve.py", "requirements.lock", *files])]


def _key(path: str) -> str:
    """Keys of a ConfigMap have no slashes."""
    return path.replace("/", "__")


def _api() -> client.ApiClient:
    return api_connect()


def _objects(api: client.ApiClient) -> client.CustomObjectsApi:
    return client.CustomObjectsApi(api)


def _read(objects: client.CustomObjectsApi, revision: Revision) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = objects.get_namespaced_custom_object(
            GROUP,
            VERSION,
            settings.KSERVE_NAMESPACE,
            PLURAL,
            service_name(revision),
            _request_timeout=_TIMEOUT,
        )
    except ApiException as error:
        if error.status == 404:
            return None
        raise
    return found


def _made(create: Any, manifest: dict[str, Any]) -> None:
    """Make an object, unless one of its name is there."""
    try:
        create(settings.KSERVE_NAMESPACE, manifest, _request_timeout=_TIMEOUT)
    except ApiException as error:
        if error.status != 409:
            raise


def _gone(delete: Any, *place: str) -> None:
    """Delete an object, unless it is gone."""
    try:
        delete(*place, _request_timeout=_TIMEOUT)
    except ApiException as error:
        if error.status != 404:
            raise


TARGET = KServeTarget()

"""Kubernetes through its official client: one Job for an attempt."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import urllib3
from django.conf import settings
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from jobs.errors import Permanent
from portal.kernel.errors import Unavailable
from training.executors.cluster import ENDED, RUNNING, WAITING, Seen, Submission
from training.executors.kubernetes_manifest import (
    TRAINING_LABEL,
    claim_secret,
    job_manifest,
    job_name,
    program_map,
)
from training.executors.remote_program import REFUSED

_TIMEOUT = (3, 8)
_LOG_SILENCE = (3, 300)
P = ParamSpec("P")
R = TypeVar("R")


def answered(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what the client raises into Unavailable, or Permanent where asking again does not help."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ApiException as error:
            if error.status in (429, 500, 502, 503, 504, 0, None):
                raise Unavailable(f"Kubernetes cannot do it now: {error.status} {error.reason}.") from error
            raise Permanent(f"Kubernetes refused with {error.status}: {_said(error)}") from error
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"Kubernetes does not answer: {type(error).__name__}.") from error

    return run


class KubernetesCluster:
    """One namespace of a cluster."""

    title = "Kubernetes"

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self._batch, self._core, self._namespace = client.BatchV1Api(api), client.CoreV1Api(api), namespace

    @answered
    def look(self, key: str) -> Seen | None:
        try:
            job = self._batch.read_namespaced_job(job_name(key), self._namespace, _request_timeout=_TIMEOUT)
        except ApiException as error:
            if error.status == 404:
                return None
            raise
        pod = self._pod(key)
        for condition in job.status.conditions or []:
            if condition.type in ("Complete", "Failed") and condition.status == "True":
                return Seen(ENDED, _why(condition, pod), is_success=_has_brought_result(condition, pod))
        is_running = pod is not None and pod.status.phase not in ("Pending", None)
        return Seen(RUNNING if is_running else WAITING, "" if is_running else _waits_for(pod))

    @answered
    def active(self, training: str) -> list[str]:
        listed = self._batch.list_namespaced_job(
            self._namespace, label_selector=f"{TRAINING_LABEL}={training}", _request_timeout=_TIMEOUT
        )
        return [
            job.metadata.name.removeprefix(job_name("")) for job in listed.items if not job.status.completion_time
            and not any(each.type == "Failed" and each.status == "True" for each in job.status.conditions or [])
        ]  # fmt: skip

    @answered
    def submit(self, submission: Submission) -> None:
        program = program_map()
        self._made(self._core.create_namespaced_config_map, program)
        self._made(self._batch.create_namespaced_job, job_manifest(submission, program.metadata.name))
        # The pod waits for it. It goes with the Job, whose it is.
        job = self._batch.read_namespaced_job(
            job_name(submission.key), self._namespace, _request_timeout=_TIMEOUT
        )
        self._made(self._core.create_namespaced_secret, claim_secret(submission, job.metadata.uid))

    @answered
    def stop(self, key: str) -> None:
        """The Job is gone when its pod is."""
        try:
            self._batch.delete_namespaced_job(
                job_name(key), self._namespace, propagation_policy="Foreground", _request_timeout=_TIMEOUT
            )
        except ApiException as error:
            if error.status != 404:
                raise

    @answered
    def log(self, key: str) -> Iterator[bytes]:
        pod = self._pod(key)
        if pod is None or pod.status.phase in ("Pending", None):
            return iter(())
        answer = self._core.read_namespaced_pod_log(
            pod.metadata.name,
            self._namespace,
            follow=True,
            _preload_content=False,
            _request_timeout=_LOG_SILENCE,
        )
        return _pieces(answer)

    def _made(self, create: Callable[..., Any], manifest: Any) -> None:
        """Make an object, unless one of its name is there."""
        try:
            create(self._namespace, manifest, _request_timeout=_TIMEOUT)
        except ApiException as error:
            if error.status != 409:
                raise

    def _pod(self, key: str) -> Any:
        """The one pod of a Job, when there is one."""
        selector = f"batch.kubernetes.io/job-name={job_name(key)}"
        found = self._core.list_namespaced_pod(
            self._namespace, label_selector=selector, _request_timeout=_TIMEOUT
        )
        return found.items[0] if found.items else None


def kubernetes_connect() -> KubernetesCluster:
    """The cluster of the settings. Raises Permanent where there is none, or its configuration cannot be read."""
    if not settings.KUBERNETES_IMAGE:
        raise _not_set_up()
    return KubernetesCluster(api_connect(), settings.KUBERNETES_NAMESPACE)


def api_connect() -> client.ApiClient:
    """The API of the cluster of the settings. Raises Permanent like `kubernetes_connect`."""
    if not settings.KUBERNETES_CONFIG:
        raise _not_set_up()
    found = client.Configuration()
    try:
        if settings.KUBERNETES_CONFIG == "in-cluster":
            config.load_incluster_config(client_configuration=found)
        else:
            config.load_kube_config(
                settings.KUBERNETES_CONFIG,
                context=settings.KUBERNETES_CONTEXT or None,
                client_configuration=found,
            )
    except (config.ConfigException, OSError) as error:
        raise Permanent(f"The configuration of Kubernetes cannot be used: {error}.") from error
    found.retries = False
    return client.ApiClient(found)


def _not_set_up() -> Permanent:
    return Permanent(
        "The portal knows no Kubernetes cluster: an operator sets KUBERNETES_CONFIG and KUBERNETES_IMAGE, "
        "or choose another executor."
    )


def _pieces(answer: Any) -> Iterator[bytes]:
    try:
        yield from answer.stream(65_536, decode_content=True)
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(f"Kubernetes does not send the log: {type(error).__name__}.") from error
    finally:
        answer.close()


def _why(condition: Any, pod: Any) -> str:
    """Why a Job has ended, in the words of the cluster."""
    said = [condition.reason or "", condition.message or ""]
    for status in (pod.status.container_statuses or []) if pod is not None else []:
        ended = status.state.terminated if status.state else None
        if ended is not None and ended.exit_code:
            said.append(f"The container ended with {ended.exit_code} ({ended.reason}).")
    return " ".join(part for part in said if part)


def _has_brought_result(condition: Any, pod: Any) -> bool:
    """Whether the program came so far, whatever became of the command."""
    codes = [
        status.state.terminated.exit_code
        for status in (pod.status.container_statuses or [] if pod is not None else [])
        if status.state and status.state.terminated
    ]
    return condition.type == "Complete" or (bool(codes) and REFUSED not in codes)


def _waits_for(pod: Any) -> str:
    """What a pod waits for, such as room or its image."""
    if pod is None:
        return ""
    waiting = [status.state.waiting for status in pod.status.container_statuses or [] if status.state]
    said = [f"{each.reason} {each.message or ''}".strip() for each in waiting if each is not None]
    said += [each.message or "" for each in pod.status.conditions or [] if each.status == "False"]
    return " ".join(part for part in said if part)[:500]


def _said(error: ApiException) -> str:
    return str(error.body or error.reason)[:500]

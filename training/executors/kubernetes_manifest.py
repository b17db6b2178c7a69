"""Manifests: the Job of one attempt, and the program that all Jobs share."""

import hashlib
import re
from typing import Any

from django.conf import settings
from kubernetes import client

from training.executors.cluster import Submission
from training.executors.order import PROGRAM, program_files

APP = {"app.kubernetes.io/name": "portal-training", "app.kubernetes.io/managed-by": "portal"}
TRAINING_LABEL = "portal/training"
CONTAINER, CLAIM_KEY = "training", "claim"
PROGRAM_PATH, WORK_PATH = "/portal", "/work"
USER = 10001
START_SECONDS = 900


def job_name(key: str) -> str:
    """The name of the Job of an attempt: Kubernetes itself refuses to make it twice."""
    return f"training-{key}"


def program_map() -> client.V1ConfigMap:
    """The program, under a name that says its content, so it is made once for all Jobs and never changed."""
    data = {_map_key(path): text for path, text in program_files().items()}
    digest = hashlib.sha256("\0".join(f"{name}\0{data[name]}" for name in sorted(data)).encode()).hexdigest()
    metadata = client.V1ObjectMeta(name=f"portal-program-{digest[:16]}", labels=APP)
    return client.V1ConfigMap(
        api_version="v1", kind="ConfigMap", metadata=metadata, data=data, immutable=True
    )


def claim_secret(submission: Submission, job_uid: str) -> client.V1Secret:
    """The claim, which whoever may read Jobs and pods does not see; it is removed with its Job."""
    owner = client.V1OwnerReference(
        api_version="batch/v1", kind="Job", name=job_name(submission.key), uid=job_uid, controller=True
    )
    metadata = client.V1ObjectMeta(name=job_name(submission.key), labels=APP, owner_references=[owner])
    return client.V1Secret(
        api_version="v1", kind="Secret", type="Opaque", immutable=True, metadata=metadata,
        string_data={CLAIM_KEY: submission.claim},
    )  # fmt: skip


def job_manifest(submission: Submission, program: str) -> client.V1Job:
    """The Job of an attempt. It is tried once: attempts are counted by the portal."""
    labels = {**APP, TRAINING_LABEL: submission.training}
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels), spec=_pod(submission, program)
    )
    return client.V1Job(
        api_version="batch/v1",
        kind="Job",
        metadata=client.V1ObjectMeta(
            name=job_name(submission.key), labels=labels, annotations={"portal/name": submission.name}
        ),
        spec=client.V1JobSpec(
            backoff_limit=0,
            completions=1,
            parallelism=1,
            # A backstop: the program ends the command at its limit, and waits for nothing else for so long.
            active_deadline_seconds=int(
                settings.EXECUTORS_QUEUE_SECONDS + submission.seconds + START_SECONDS
            ),
            ttl_seconds_after_finished=settings.KUBERNETES_KEEP_SECONDS,
            template=template,
        ),
    )


def _pod(submission: Submission, program: str) -> client.V1PodSpec:
    secret = settings.KUBERNETES_PULL_SECRET
    items = [client.V1KeyToPath(key=_map_key(path), path=path) for path in program_files()]
    return client.V1PodSpec(
        restart_policy="Never",
        automount_service_account_token=False,
        enable_service_links=False,
        termination_grace_period_seconds=15,
        image_pull_secrets=[client.V1LocalObjectReference(name=secret)] if secret else None,
        security_context=client.V1PodSecurityContext(
            run_as_non_root=True, run_as_user=USER, run_as_group=USER, fs_group=USER,
            seccomp_profile=client.V1SeccompProfile(type="RuntimeDefault"),
        ),
        containers=[_container(submission)],
        volumes=[
            client.V1Volume(
                name="program",
                config_map=client.V1ConfigMapVolumeSource(name=program, items=items, default_mode=0o444),
            ),
            client.V1Volume(name="work", empty_dir=client.V1EmptyDirVolumeSource()),
        ],
    )  # fmt: skip


def _container(submission: Submission) -> client.V1Container:
    variables = {
        "PORTAL_URL": submission.portal_url, "HOME": WORK_PATH, "TMPDIR": WORK_PATH, "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    claim = client.V1EnvVar(
        name="PORTAL_CLAIM",
        value_from=client.V1EnvVarSource(
            secret_key_ref=client.V1SecretKeySelector(name=job_name(submission.key), key=CLAIM_KEY)
        ),
    )
    named = settings.KUBERNETES_ENV_CONFIG_MAP
    source = client.V1EnvFromSource(config_map_ref=client.V1ConfigMapEnvSource(name=named))
    return client.V1Container(
        name=CONTAINER,
        image=settings.KUBERNETES_IMAGE,
        command=["python3", f"{PROGRAM_PATH}/{PROGRAM}"],
        working_dir=WORK_PATH,
        env=[*(client.V1EnvVar(name=name, value=value) for name, value in variables.items()), claim],
        env_from=[source] if named else None,
        resources=_resources(submission),
        security_context=client.V1SecurityContext(
            allow_privilege_escalation=False,
            privileged=False,
            read_only_root_filesystem=True,
            capabilities=client.V1Capabilities(drop=["ALL"]),
        ),
        volume_mounts=[
            client.V1VolumeMount(name="program", mount_path=PROGRAM_PATH, read_only=True),
            client.V1VolumeMount(name="work", mount_path=WORK_PATH),
        ],
    )


def _resources(submission: Submission) -> client.V1ResourceRequirements:
    """Limits equal requests for memory and GPUs; cpus are asked for and bounded alike, so that runs compare."""
    wanted, found = submission.resources, {"cpu": "1"}
    if "cpus" in wanted:
        found["cpu"] = str(wanted["cpus"])
    if "memory" in wanted:
        found["memory"] = wanted["memory"]
    if wanted.get("gpus"):
        found["nvidia.com/gpu"] = str(wanted["gpus"])
    return client.V1ResourceRequirements(requests=dict(found), limits=dict(found))


def _map_key(path: str) -> str:
    return re.sub(r"[^-._a-zA-Z0-9]", ".", path)


def manifest_plain(manifest: Any) -> dict[str, Any]:
    """The JSON of a manifest, as the client sends it."""
    plain: dict[str, Any] = client.ApiClient().sanitize_for_serialization(manifest)
    return plain

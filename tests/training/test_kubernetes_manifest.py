"""The manifest of a Job against the official schema, and what it must say for safety."""

from typing import Any

import pytest

from tests.training.kube_server import problems
from training.executors.cluster import Submission
from training.executors.kubernetes_manifest import claim_secret, job_manifest, manifest_plain, program_map

RESOURCES = {"cpus": 2, "memory": "4Gi", "gpus": 1}
SUBMISSION = Submission("a" * 32 + "-1", "a" * 32, "a name", "the claim", "https://portal", RESOURCES, 600)
IMAGE = "registry.example/python@sha256:" + "0" * 64


@pytest.fixture
def job(settings: Any) -> dict[str, Any]:
    settings.KUBERNETES_IMAGE = IMAGE
    settings.KUBERNETES_PULL_SECRET, settings.KUBERNETES_ENV_CONFIG_MAP = "registry", "indexes"
    return manifest_plain(job_manifest(SUBMISSION, "portal-program"))


def test_manifests_fit_the_schema_of_kubernetes(job: dict[str, Any]) -> None:
    assert problems("Job", job) == []
    assert problems("ConfigMap", manifest_plain(program_map())) == []
    assert problems("Secret", manifest_plain(claim_secret(SUBMISSION, "a uid"))) == []


def test_the_claim_is_in_a_secret_of_the_job_and_nowhere_else(job: dict[str, Any]) -> None:
    assert SUBMISSION.claim not in str(job)
    secret = manifest_plain(claim_secret(SUBMISSION, "a uid"))
    assert secret["stringData"] == {"claim": SUBMISSION.claim}
    assert secret["metadata"]["ownerReferences"][0]["uid"] == "a uid"
    named = [
        each["valueFrom"]
        for each in job["spec"]["template"]["spec"]["containers"][0]["env"]
        if "valueFrom" in each
    ]
    assert named == [{"secretKeyRef": {"name": secret["metadata"]["name"], "key": "claim"}}]


def test_the_schema_refuses_what_kubernetes_would(job: dict[str, Any]) -> None:
    job["spec"]["template"]["spec"]["containers"][0]["securtyContext"] = {}
    assert problems("Job", job)
    del job["spec"]["template"]
    assert problems("Job", job)


def test_a_job_runs_once_within_its_limits_and_is_removed(job: dict[str, Any], settings: Any) -> None:
    spec = job["spec"]
    assert (spec["backoffLimit"], spec["completions"], spec["parallelism"]) == (0, 1, 1)
    assert spec["activeDeadlineSeconds"] > settings.EXECUTORS_QUEUE_SECONDS + 600
    assert spec["ttlSecondsAfterFinished"] == settings.KUBERNETES_KEEP_SECONDS
    container = spec["template"]["spec"]["containers"][0]
    wanted = {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"}
    assert container["resources"] == {"limits": wanted, "requests": wanted}
    assert container["image"] == IMAGE


def test_a_pod_can_do_little(job: dict[str, Any]) -> None:
    pod = job["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    container = pod["containers"][0]["securityContext"]
    assert container["readOnlyRootFilesystem"] is True
    assert container["allowPrivilegeEscalation"] is False
    assert container["capabilities"] == {"drop": ["ALL"]}
    variables = {each["name"] for each in pod["containers"][0]["env"]}
    assert variables == {"PORTAL_URL", "PORTAL_CLAIM", "HOME", "TMPDIR", "PYTHONDONTWRITEBYTECODE"}

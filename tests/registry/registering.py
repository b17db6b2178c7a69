"""Models, versions and files for tests of the registry's protocol: made by calls, read by jobs that run here."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from compliance.models import Approval, ApprovalRequest
from compliance.services.approvals import approval_grant
from compliance.services.gate import consequence
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Run
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from registry.models import Assignment, ModelVersion
from registry.services.versions import DIGEST_JOB
from tests.experiments.tracking import Client, Reply

FILES = {"MLmodel": b"flavors: {}\n", "data/model.pkl": b"\x80\x04N."}
PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


def files_put(run: Run, folder: str = "model", files: Mapping[str, bytes] = FILES) -> str:
    """Files below a run; the source that names their folder."""
    for path, content in files.items():
        artifact_store().put(
            f"{store_path(run.artifact_uri)}/{folder}/{path}", iter([content]), size=len(content)
        )
    return f"runs:/{run.pk.hex}/{folder}"


def send(client: Client, method: str, path: str, **fields: Any) -> Reply:
    return client.send(method, f"/api/2.0/mlflow/{path}", json.dumps(fields).encode())


def model_new(client: Client, name: str = "fraud", **more: Any) -> None:
    assert client.post("registered-models/create", name=name, **more).status == 200


def version_new(client: Client, source: str, name: str = "fraud", **more: Any) -> ModelVersion:
    """A pending version, by a call."""
    reply = client.post("model-versions/create", name=name, source=source, **more)
    assert reply.status == 200, reply.json
    return ModelVersion.objects.get(model__name=name, version=reply.json["model_version"]["version"])


def digested(version: ModelVersion) -> ModelVersion:
    """The version after its job has read the files."""
    run = JobRun.objects.get(kind=DIGEST_JOB, key=version.pk.hex)
    run_job(run.pk)
    version.refresh_from_db()
    return version


def ready(client: Client, run: Run, name: str = "fraud", folder: str = "model", **more: Any) -> ModelVersion:
    """A READY version of files of a run."""
    return digested(version_new(client, files_put(run, folder), name, **more))


POLICY = """
name: champion-needs-one
applies_to: {models: ["fraud*"], aliases: [champion], stages: [Production]}
rules:
  - {id: ready, title: The files were read, require: facts.version.status == "READY"}
approvals:
  - {role: approver, quorum: 1}
"""


def approved(request: ApprovalRequest) -> Approval:
    """The unused approval of a request, as a complete quorum makes it."""
    with transaction.atomic():
        actor = consequence(Actor.system("test", actions=[]), "compliance.approval.grant")
        granted: Approval = approval_grant(actor=actor, request=request, expires_at=now() + timedelta(days=1))
        request.state, request.closed_at = "approved", now()
        request.save()
    return granted


def intervals(alias: str = "champion") -> list[tuple[int, bool, str]]:
    """`(version, is current, approval)` of each interval of an alias, the first first."""
    return [
        (each.version.version, each.valid_to is None, each.approval.pk.hex if each.approval else "")
        for each in Assignment.objects.filter(name=alias).order_by("id").select_related("version", "approval")
    ]

"""The digest of a logged model's files: the same however often the job is killed on the way."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from experiments.artifacts import manifests
from experiments.artifacts.locations import model_location, store_path
from experiments.artifacts.store import ArtifactStore, OpenFile, artifact_store
from experiments.models import Experiment, LoggedModel
from jobs import transitions
from jobs.models import JobRun
from jobs.queue import enqueue
from jobs.runner import run_job
from jobs.step import JobStep
from portal.accounts.models import Workspace
from portal.audit.models import AuditEvent
from portal.kernel import sql
from tests.jobs.live import ACTOR, Live, ended, fresh

FILES = {
    "MLmodel": b"flavors: {}\n",
    "data/model.pkl": b"\x00" * 70_000,
    "data/\u00e4.json": b"{}",
    "empty": b"",
}
MODEL_ID = "m-" + "0" * 32


class Killed(BaseException):
    """What a kill looks like from inside: nothing of ours catches it."""


@pytest.fixture
def model(experiment: Experiment, settings: Any, tmp_path: Path) -> LoggedModel:
    settings.ARTIFACT_ROOT = str(tmp_path)
    return model_make(experiment)


def model_make(experiment: Experiment) -> LoggedModel:
    made = LoggedModel.objects.create(
        id=MODEL_ID, workspace=experiment.workspace, experiment=experiment, name="fraud",
        artifact_location=model_location(experiment.workspace_id, experiment.pk, MODEL_ID),
        status="LOGGED_MODEL_READY", creation_timestamp=1, last_updated_timestamp=1,
    )  # fmt: skip
    for path, content in FILES.items():
        artifact_store().put(
            f"{store_path(made.artifact_location)}/{path}", iter([content]), size=len(content)
        )
    return made


def asked(model: LoggedModel) -> JobRun:
    return enqueue(
        "experiments.digest_model", key=model.pk, args={"model_id": model.pk}, actor=ACTOR,
        workspace_id=model.workspace_id,
    )  # fmt: skip


def expected() -> tuple[list[dict[str, Any]], str]:
    manifest: list[Any] = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(FILES.items())
    ]
    return manifest, hashlib.sha256(rfc8785.dumps(manifest)).hexdigest()


def test_manifest_digest_and_audit_event_are_stored_together(model: LoggedModel) -> None:
    run = asked(model)
    run_job(run.pk)
    manifest, digest = expected()
    model.refresh_from_db()
    assert (model.manifest, model.digest) == (manifest, digest)
    facts = {"digest": digest, "files": 4, "bytes": sum(map(len, FILES.values()))}
    assert (fresh(run).state, fresh(run).result) == ("done", facts)
    recorded = AuditEvent.objects.filter(actor="system:experiments.digest_model").order_by("id")
    assert list(recorded.values_list("action", "object_id")) == [
        ("experiments.model.digest", MODEL_ID),
        ("jobs.job.finish", run.pk.hex),
    ]


@pytest.mark.parametrize("kill_after", range(1, 5))
def test_a_kill_after_any_checkpoint_gives_the_same_digest_and_reads_no_file_twice(
    model: LoggedModel, monkeypatch: pytest.MonkeyPatch, kill_after: int
) -> None:
    monkeypatch.setattr(manifests, "CHECKPOINT_BYTES", 0)
    opened: list[str] = []
    original = ArtifactStore.open

    def counted(self: ArtifactStore, path: str) -> OpenFile:
        opened.append(path)
        return original(self, path)

    monkeypatch.setattr(ArtifactStore, "open", counted)
    run = asked(model)
    with monkeypatch.context() as broken:
        broken.setattr(JobStep, "checkpoint", _killing(JobStep.checkpoint, kill_after))
        with pytest.raises(Killed):
            run_job(run.pk)
    assert fresh(run).state == "running"
    JobRun.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00Z")
    transitions.recover("test")
    JobRun.objects.filter(pk=run.pk).update(not_before="2000-01-01T00:00Z")
    assert run_job(run.pk)
    model.refresh_from_db()
    assert (model.manifest, model.digest) == expected()
    assert (fresh(run).state, fresh(run).attempt) == ("done", 2)
    assert len(opened) == len(set(opened)) == len(FILES)


def _killing(original: Any, after: int) -> Any:
    calls: Iterator[int] = iter(range(1, 100))

    def checkpoint(self: JobStep, cursor: Mapping[str, Any]) -> None:
        original(self, cursor)
        if next(calls) == after:
            raise Killed

    return checkpoint


@pytest.mark.parametrize(("is_deleted", "reason"), [(True, "was deleted"), (False, "has no files")])
def test_a_model_that_is_gone_or_empty_ends_with_a_reason(
    model: LoggedModel, is_deleted: bool, reason: str
) -> None:
    if is_deleted:
        LoggedModel.objects.filter(pk=model.pk).update(lifecycle_stage="deleted")
    else:
        artifact_store().delete(store_path(model.artifact_location))
    run = asked(model)
    run_job(run.pk)
    model.refresh_from_db()
    assert (fresh(run).state, model.digest, model.manifest) == ("done", "", None)
    assert reason in fresh(run).reason


@pytest.mark.slow
def test_a_worker_digests_a_model(live: Live) -> None:
    live.worker()
    workspace = Workspace.objects.create(name="digests")
    model = model_make(
        Experiment.objects.create(
            workspace=workspace, name="e", artifact_location="x", creation_time=1, last_update_time=1
        )
    )
    assert ended(asked(model)).state == "done"
    model.refresh_from_db()
    assert (model.manifest, model.digest) == expected()
    assert sql.row("SELECT count(*) FROM audit_auditevent WHERE action = 'experiments.model.digest'") == (1,)

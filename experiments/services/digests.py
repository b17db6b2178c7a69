"""The digest of a logged model: what its files were when the job read them."""

import hashlib
from collections.abc import Sequence
from typing import Any

import rfc8785

from experiments.models import LoggedModel
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.operations import Changed, effect

DIGEST_JOB = "experiments.digest_model"


def digest_enqueue(actor: Actor, model: LoggedModel) -> None:
    """Let a job read the model's files, in the transaction that is open."""
    enqueue(
        DIGEST_JOB, key=model.pk, args={"model_id": model.pk}, actor=actor, workspace_id=model.workspace_id
    )


def manifest_digest(manifest: Sequence[dict[str, Any]]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of a manifest `[{path, size, sha256}]`, ordered by path."""
    ordered = sorted(manifest, key=lambda entry: entry["path"])
    return hashlib.sha256(rfc8785.dumps(ordered)).hexdigest()


@effect("experiments.model.digest", on="model")
def model_digest_set(
    *, actor: Actor, model: LoggedModel, manifest: Sequence[dict[str, Any]]
) -> Changed[dict[str, Any]]:
    """Store the manifest of a model's files and its digest; the facts about them for the job's result."""
    ordered = sorted(manifest, key=lambda entry: entry["path"])
    before = {"digest": model.digest or None}
    model.manifest, model.digest = ordered, manifest_digest(ordered)
    model.save(update_fields=["manifest", "digest"])
    facts = {"digest": model.digest, "files": len(ordered), "bytes": sum(entry["size"] for entry in ordered)}
    return Changed(facts, before=before, after=facts)

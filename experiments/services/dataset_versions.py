"""Making versions of datasets, and noting what their files hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from experiments.data.schemas import schema_normal
from experiments.models import DataAsset, DatasetProfile, DatasetVersion, Run
from experiments.models.dataset_versions import CLASSIFICATIONS, LOGGED_LENGTH, SPLIT_ROLES
from experiments.validation.dataset_names import dataset_name_check
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import Changed, effect, locked, operation

REGISTER, DESCRIBE = "experiments.dataset.register", "experiments.dataset.describe"
PROFILE_JOB = "training.profile_dataset"  # done where packages that read tables can be had
_DIGEST = re.compile(r"[0-9a-f]{64}")
_URI = re.compile(r"[a-z][a-z0-9+.-]{0,30}:[^\s\x00-\x1f]{1,1960}")
_LENGTHS = {"licence": 200, "description": 2_000, "datasheet": 200_000}

# Called as `listener(actor=, version=)` in the transaction that makes a version; kept short: they enqueue.
LISTENERS: list[Callable[..., object]] = []


@dataclass(frozen=True)
class NewVersion:
    """A version that is to be made: bytes that the portal holds (`path`, `manifest`), or a URI with its digest.

    `made_by_run` and `made_by_training` say what made it.
    """

    digest: str
    path: str = ""
    manifest: list[dict[str, Any]] = field(default_factory=list)
    source_uri: str = ""
    size_bytes: int | None = None
    row_count: int | None = None
    schema: Any = None
    mlflow_digest: str = ""
    role: str = ""
    classification: str = ""
    licence: str = ""
    description: str = ""
    datasheet: str = ""
    made_by_run: Run | None = None
    made_by_training: UUID | None = None


@operation(REGISTER, on="workspace", lock="share")
def dataset_register(
    *, actor: Actor, workspace: Workspace, name: str, new: NewVersion
) -> Changed[DatasetVersion]:
    """Make a version of the dataset of that name, which is made when there is none.

    Where its newest version is the same bytes with the same statements, that one is the answer. Raises InvalidInput.
    """
    return _registered(actor, workspace, name, new)


@effect(REGISTER, on="workspace", lock="share")
def dataset_make(
    *, actor: Actor, workspace: Workspace, name: str, new: NewVersion
) -> Changed[DatasetVersion]:
    """The same as a part of a larger operation, such as the end of the job that wrote the files."""
    return _registered(actor, workspace, name, new)


def _registered(actor: Actor, workspace: Workspace, name: str, new: NewVersion) -> Changed[DatasetVersion]:
    values = _values(name, new)
    asset = _asset(actor, workspace, name)
    newest = asset.versions.select_related("asset", "workspace").order_by("-number").first()
    if newest is not None and _is_same(newest, values):
        return Changed(
            newest, before={}, after={"dataset": str(newest), "files": newest.digest}, subject=newest
        )
    made = DatasetVersion.objects.create(
        asset=asset, workspace=workspace, number=newest.number + 1 if newest else 1, created_by_id=actor.user_id,
        created_at=now(), made_by_run=new.made_by_run, made_by_training=new.made_by_training, **values,
    )  # fmt: skip
    if made.is_held:
        enqueue(
            PROFILE_JOB,
            key=made.pk.hex,
            args={"version_id": made.pk.hex},
            actor=actor,
            workspace_id=workspace.pk,
        )
    for listener in LISTENERS:
        listener(actor=actor, version=made)
    after = {
        "dataset": str(made), "files": made.digest, "size_bytes": made.size_bytes, "source_uri": made.source_uri,
        "role": made.role, "classification": made.classification, "licence": made.licence,
        "made_by_training": str(made.made_by_training) if made.made_by_training else None,
    }  # fmt: skip
    return Changed(made, before={}, after=after, subject=made)


@effect(DESCRIBE, on="version")
def dataset_describe(
    *, actor: Actor, version: DatasetVersion, schema: Any = None, row_count: int | None = None,
    mlflow_digest: str = "", profile: dict[str, Any] | None = None, problem: str = "",
) -> Changed[DatasetVersion]:  # fmt: skip
    """Note what a job read in the files, once; what was declared at the making stays as it is."""
    if version.read_at is not None:
        raise Conflict(f"{version} was read before, at {version.read_at.isoformat()}.", code="already_read")
    version.schema = version.schema if version.schema is not None else schema_normal(schema or [])
    version.row_count = version.row_count if version.row_count is not None else row_count
    version.mlflow_digest = version.mlflow_digest or mlflow_digest
    version.read_at, version.problem = now(), problem[:1000]
    version.save(update_fields=["schema", "row_count", "mlflow_digest", "read_at", "problem"])
    if profile is not None:
        DatasetProfile.objects.create(
            version=version, workspace_id=version.workspace_id, body=profile, made_at=version.read_at
        )
    after = {"columns": len(version.schema), "row_count": version.row_count, "problem": version.problem}
    return Changed(version, before={}, after=after)


def _asset(actor: Actor, workspace: Workspace, name: str) -> DataAsset:
    """The dataset, held until the transaction ends, so that numbers follow each other."""
    found, _ = DataAsset.objects.get_or_create(
        workspace=workspace, name=name, defaults={"created_by_id": actor.user_id, "created_at": now()}
    )
    held: DataAsset = locked(found)
    return held


def _values(name: str, new: NewVersion) -> dict[str, Any]:
    """The checked columns of a version."""
    dataset_name_check(name)
    if not _DIGEST.fullmatch(new.digest):
        raise InvalidInput(
            "The digest of data is a SHA-256 in 64 lower-case hex digits.", code="invalid_digest"
        )
    if not new.path and not _URI.fullmatch(new.source_uri):
        raise InvalidInput("Send files, or name a URI such as s3://bucket/file.", code="no_files")
    _words_check(new)
    schema = schema_normal(new.schema) if new.schema is not None else None
    names = ("digest", "path", "manifest", "source_uri", "size_bytes", "row_count", "mlflow_digest", "role",
             "classification", "licence", "description", "datasheet")  # fmt: skip
    return {**{each: getattr(new, each) for each in names}, "schema": schema}


def _words_check(new: NewVersion) -> None:
    for value, known, what in (
        (new.role, SPLIT_ROLES, "role"),
        (new.classification, CLASSIFICATIONS, "classification"),
    ):
        if value and value not in known:
            raise InvalidInput(f"The {what} of data is one of {', '.join(known)}.", code=f"invalid_{what}")
    for name, limit in _LENGTHS.items():
        value = getattr(new, name)
        if len(value) > limit or "\x00" in value:
            raise InvalidInput(f"The {name} has at most {limit} characters, none of them NUL.")
    if len(new.mlflow_digest) > LOGGED_LENGTH or len(new.source_uri) > 2_000:
        raise InvalidInput("The digest of MLflow or the URI is too long.")
    if any(value is not None and value < 0 for value in (new.row_count, new.size_bytes)):
        raise InvalidInput("A number of rows or bytes is not negative.")


def _is_same(found: DatasetVersion, values: dict[str, Any]) -> bool:
    """Whether the newest version already says all this; what a job has read since does not count."""
    read_later = {"schema", "row_count", "mlflow_digest"}
    return all(
        getattr(found, name) == value or (name in read_later and not value) for name, value in values.items()
    )

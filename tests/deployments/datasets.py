"""Versions of datasets made of bytes."""

from io import BytesIO

from experiments.data.keeping import files_keep
from experiments.models import DatasetVersion
from experiments.services.dataset_versions import NewVersion, dataset_register
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace


def dataset_make(
    owner: User, workspace: Workspace, files: dict[str, bytes], name: str = "loans", **said: object
) -> DatasetVersion:
    kept = files_keep(workspace.pk, [(path, BytesIO(content)) for path, content in files.items()])
    new = NewVersion(
        digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes, **said
    )
    return dataset_register(actor=Actor.of_user(owner), workspace=workspace, name=name, new=new)

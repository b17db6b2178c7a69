"""Code that people upload, as it is to run."""

import re
from dataclasses import dataclass

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.operations import operation
from training.models import CodeSnapshot
from training.models.code import UPLOAD

UPLOAD_CODE = "training.code.upload"


@dataclass(frozen=True)
class NewCode:
    """A tree that lies in the artifact store, and what its uploader says about where it is from."""

    digest: str
    path: str
    size_bytes: int
    file_count: int
    git_url: str = ""
    git_commit: str = ""
    diff: str = ""


@operation(UPLOAD_CODE, on="workspace", lock="share")
def code_upload(*, actor: Actor, workspace: Workspace, new: NewCode) -> CodeSnapshot:
    """Make a snapshot of an uploaded tree; the same tree with the same origin is the snapshot that is there."""
    origin = {
        "git_url": _without_credential(new.git_url),
        "git_commit": new.git_commit.lower(),
        "diff": new.diff,
    }
    found = CodeSnapshot.objects.filter(
        workspace=workspace, digest=new.digest, source=UPLOAD, **origin
    ).first()
    if found is not None:
        return found
    return CodeSnapshot.objects.create(
        workspace=workspace, source=UPLOAD, digest=new.digest, path=new.path, size_bytes=new.size_bytes,
        file_count=new.file_count, created_by_id=actor.user_id, created_at=now(), **origin,
    )  # fmt: skip


def _without_credential(url: str) -> str:
    """The address of a repository, as a checkout knows it, often holds a token."""
    return re.sub(r"\A([a-z+]+://)[^/@]*@", r"\1", url)

"""Code as it ran: an immutable archive with the digest of its files."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

UPLOAD, GIT, BUNDLED = "upload", "git", "bundled"
SOURCES = (UPLOAD, GIT, BUNDLED)


class CodeSnapshot(models.Model):
    """A tree of files, kept as a `.tar.gz` in the artifact store below `training/code/`.

    `digest` is the SHA-256 over the paths, modes and contents of the files, so the same tree has one digest however it
    came. Of a clone, `git_commit` is what `git_ref` meant at that time. `diff` is the difference from that commit of
    whoever uploaded a tree that was not committed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=300)
    size_bytes = models.BigIntegerField()
    file_count = models.IntegerField()
    git_url = models.CharField(max_length=1000, blank=True)
    git_ref = models.CharField(max_length=250, blank=True)
    git_commit = models.CharField(max_length=64, blank=True)
    diff = models.TextField(blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "digest"], name="code_by_digest"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="code_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.git_url}@{self.git_commit[:12]}" if self.git_commit else f"code {self.digest[:12]}"

    @property
    def is_dirty(self) -> bool:
        """Whether it differs from the commit that it names."""
        return bool(self.diff)

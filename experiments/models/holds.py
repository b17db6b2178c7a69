"""Places of the artifact store whose files stay as they are."""

from django.db import models

from portal.accounts.models import Workspace


class ArtifactHold(models.Model):
    """Files at `path` and below are neither written nor deleted; `path` counts from the root of the store."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = models.CharField(max_length=900, unique=True)
    held_since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.path

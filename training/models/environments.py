"""The Python environment of a training, as a lock."""

from django.db import models

from portal.kernel.ids import uuid7


class RuntimeEnvironment(models.Model):
    """A lock (requirements with exact versions and hashes), for one Python on one platform; written once.

    `digest` is the SHA-256 over all three. Any worker builds the same environment from it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    lock = models.TextField()
    python_version = models.CharField(max_length=20)
    platform = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Python {self.python_version}, {self.digest[:12]}"


class RequirementLock(models.Model):
    """The environment that some requirements meant when they were last resolved.

    `key` is the SHA-256 over the requirements, the Python and the platform. Forgetting a row costs one resolution.
    """

    key = models.CharField(max_length=64, primary_key=True)
    environment = models.ForeignKey(RuntimeEnvironment, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key[:12]

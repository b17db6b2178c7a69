"""Setting and deleting the secrets of a workspace. What is recorded is the name, never the value."""

from jobs.models import JobSecret
from jobs.secrets import secret_encrypt
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from portal.operations import Changed, operation

SECRETS_AT_MOST = 200


@operation("jobs.secret.set", on="workspace")
def secret_set(*, actor: Actor, workspace: Workspace, name: str, value: str) -> Changed[JobSecret]:
    """Set a secret, new or in place of what it was. Jobs that run already keep the value they began with."""
    secret = JobSecret.objects.filter(workspace=workspace, name=name).first()
    was = None if secret is None else secret.set_at.isoformat()
    if secret is None:
        if JobSecret.objects.filter(workspace=workspace).count() >= SECRETS_AT_MOST:
            raise Conflict(f"{workspace} has {SECRETS_AT_MOST} secrets already. Delete one first.")
        secret = JobSecret(workspace=workspace, name=name)
    secret.ciphertext = secret_encrypt(workspace.pk, name, value)
    secret.set_by_id = actor.user_id
    secret.set_at = now()
    secret.save()
    return Changed(
        secret, before={"set_at": was}, after={"set_at": secret.set_at.isoformat()}, subject=secret
    )


@operation("jobs.secret.delete", on="secret")
def secret_delete(*, actor: Actor, secret: JobSecret) -> Changed[None]:
    """Delete a secret: jobs that name it fail from now on."""
    gone = JobSecret(pk=secret.pk, workspace=secret.workspace, name=secret.name)
    before = {"set_at": secret.set_at.isoformat()}
    secret.delete()
    return Changed(None, before=before, after={}, subject=gone)

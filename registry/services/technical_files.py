"""Technical files: asked for by a person, built by a job."""

from compliance.models import AISystem
from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.operations import Changed, operation

BUILD_JOB = "registry.technical_file"


@operation("registry.technical_file.create", on="system", lock="share")
def technical_file_create(*, actor: Actor, system: AISystem) -> Changed[JobRun]:
    """Let a job build the technical file of a system as it is now; asking twice at once gives the same job."""
    run = enqueue(
        BUILD_JOB, key=system.pk.hex, args={"system_id": system.pk.hex, "requested_by": actor.reference}, actor=actor,
        workspace_id=system.workspace_id,
    )  # fmt: skip
    return Changed(run, before={}, after={"job": str(run.pk)})

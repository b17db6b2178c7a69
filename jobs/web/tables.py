"""The columns of jobs as a file."""

from portal.exports import Column

JOBS = (
    Column("id"), Column("workspace", value=lambda job: job.workspace.name if job.workspace else None), Column("kind"),
    Column("key"), Column("queue"), Column("priority", "integer"), Column("state"), Column("attempt", "integer"),
    Column("max_attempts", "integer"), Column("asked_by", value=lambda job: job.actor_name), Column("reason"),
    Column("created_at", "time"), Column("started_at", "time"), Column("finished_at", "time"),
)  # fmt: skip

"""The columns of approval requests as a file."""

from portal.exports import Column

REQUESTS = (
    Column("id"), Column("workspace", value=lambda row: row.workspace.name), Column("act"), Column("subject_type"),
    Column("subject_id"), Column("subject", value=lambda row: row.subject_label), Column("subject_digest"),
    Column("target", value=lambda row: row.target_label), Column("risk_tier"), Column("state"),
    Column("round", "integer"), Column("is_break_glass", "flag"), Column("reason"),
    Column("requested_by", value=lambda row: row.requested_by.username), Column("created_at", "time"),
    Column("opened_at", "time"), Column("expires_at", "time"), Column("closed_at", "time"), Column("close_reason"),
)  # fmt: skip

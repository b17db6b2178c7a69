"""The columns of endpoints as a file."""

from portal.exports import Column

ENDPOINTS = (
    Column("id", value=lambda row: row.endpoint.pk), Column("workspace", value=lambda row: row.endpoint.workspace.name),
    Column("name", value=lambda row: row.endpoint.name),
    Column("environment", value=lambda row: row.endpoint.environment),
    Column("target", value=lambda row: row.endpoint.target), Column("state"),
    Column("serves", value=lambda row: ", ".join(f"{each.model} v{each.version}" for each in row.shares)),
    Column("owner", value=lambda row: row.endpoint.owner.username if row.endpoint.owner else None),
    Column("description", value=lambda row: row.endpoint.description),
    Column("created_at", "time", lambda row: row.endpoint.created_at),
)  # fmt: skip

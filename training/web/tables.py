"""The columns of datasets as a file."""

from portal.exports import Column

DATASETS = (
    Column("id"), Column("workspace", value=lambda row: row.workspace.name), Column("name"),
    Column("newest_version", "integer", lambda row: row.newest_number),
    Column("rows", "integer", lambda row: row.newest_rows),
    Column("bytes", "integer", lambda row: row.newest_size), Column("role", value=lambda row: row.newest_role),
    Column("classification", value=lambda row: row.newest_class), Column("newest_at", "time"),
    Column("created_at", "time"),
)  # fmt: skip

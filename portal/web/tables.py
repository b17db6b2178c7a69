"""The columns of the audit log as a file."""

import json

from portal.exports import Column

EVENTS = (
    Column("id", "integer"), Column("uuid"), Column("at", "time"), Column("actor"), Column("actor_name"),
    Column("action"), Column("outcome"), Column("object_type"), Column("object_id"), Column("object_name"),
    Column("changes", value=lambda row: json.dumps(row.changes, ensure_ascii=False)), Column("detail"),
    Column("reason"), Column("request_id"),
)  # fmt: skip

"""The columns of models and versions as files."""

import datetime as dt
from typing import Any

from portal.exports import Column


def _moment(name: str) -> Any:
    return lambda row: dt.datetime.fromtimestamp(getattr(row, name) / 1000, dt.UTC)


def _of_version(name: str) -> Any:
    return lambda row: getattr(row.version, name)


MODELS = (
    Column("id"), Column("workspace"), Column("name"), Column("is_prompt", "flag"), Column("owner"),
    Column("newest_version", "integer", lambda row: row.newest), Column("status"), Column("versions", "integer"),
    Column("aliases", value=lambda row: " ".join(f"{each.name}={each.version}" for each in row.aliases)),
    Column("risk_tier"), Column("last_change", "time", _moment("last_change")),
)  # fmt: skip
VERSIONS = (
    Column("version", "integer", _of_version("version")), Column("status", value=_of_version("status")),
    Column("aliases", value=lambda row: " ".join(row.aliases)),
    Column("gates", value=lambda row: " ".join(f"{each.label}={each.outcome}" for each in row.badges)),
    Column("digest", value=_of_version("digest")), Column("stage", value=_of_version("current_stage")),
    Column("run_id", value=_of_version("run_id")), Column("source", value=_of_version("source")),
    Column("registered_by", value=_of_version("user_name")),
    Column("registered_at", "time", lambda row: _moment("creation_timestamp")(row.version)),
)  # fmt: skip

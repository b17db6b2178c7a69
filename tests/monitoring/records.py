"""Rows of the inference log, written as a gateway writes them."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from django.db import connection

from deployments.models import Endpoint
from portal.kernel import sql
from portal.kernel.ids import uuid7

_COPY = """
COPY deployments_inferencerecord (id, endpoint_id, revision_id, version, at, request_id, actor, role, status, code,
    latency_ms, rows, request, response, retention_class, routing_key_hash) FROM STDIN
"""


def records_write(
    endpoint: Endpoint, rows: Iterable[dict[str, Any]], said: Callable[[dict[str, Any]], Any], at: dt.datetime,
    revision: Any = None,
) -> list[str]:  # fmt: skip
    """A request of one row for each, with the prediction that is said of it; the ids of the requests."""
    ids = []
    with connection.wrap_database_errors, sql.cursor().copy(_COPY) as copy:
        for row in rows:
            key = uuid7()
            ids.append(key.hex)
            request = orjson.dumps({"dataframe_split": {"columns": list(row), "data": [list(row.values())]}})
            response = orjson.dumps({"predictions": [said(row)]})
            copy.write_row((
                key, endpoint.pk, revision, "2", at, key.hex, "user:1", "live", 200, "", 3.0, 1, request.decode(),
                response.decode(), "standard", "",
            ))  # fmt: skip
    return ids

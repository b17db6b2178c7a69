"""What became known of predictions: many rows at once, in one statement."""

from collections.abc import Sequence
from typing import Any

import orjson

from deployments.models import Endpoint
from deployments.services.endpoints import there_check
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.operations import writer

WRITE = "monitoring.feedback.write"
_UPSERT = """
INSERT INTO deployments_feedback (endpoint_id, request_id, row, kind, value, at, given_by_id)
SELECT %(endpoint)s, given.request_id, given.row, given.kind, given.value, now(), %(user)s
FROM unnest(%(requests)s::text[], %(rows)s::integer[], %(kinds)s::text[], %(values)s::jsonb[])
 AS given(request_id, row, kind, value)
ON CONFLICT (request_id, endpoint_id, row, kind)
DO UPDATE SET value = excluded.value, at = excluded.at, given_by_id = excluded.given_by_id
"""


@writer(WRITE)
def feedback_write(*, actor: Actor, endpoint: Endpoint, given: Sequence[dict[str, Any]]) -> int:
    """Keep the truth (or what somebody thought) of predictions by request and row; what comes later counts.

    `given` is `[{"request_id", "row", "kind", "value"}]`. The request may be unknown yet: the log is written behind
    the answer, and may be sampled. Returns how many rows were kept.
    """
    access.require(actor, WRITE, endpoint)
    there_check(endpoint)
    last = {(each["request_id"], each["row"], each["kind"]): each["value"] for each in given}
    keys = list(last)
    return sql.execute(_UPSERT, {
        "endpoint": endpoint.pk, "user": actor.user_id, "requests": [key[0] for key in keys],
        "rows": [key[1] for key in keys], "kinds": [key[2] for key in keys],
        "values": [orjson.dumps(value).replace(b"\\u0000", b"\\ufffd").decode() for value in last.values()],
    })  # fmt: skip

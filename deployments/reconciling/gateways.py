"""Which gateways live, and whether each knows what an endpoint's routes are now."""

from dataclasses import dataclass

from deployments.models import Endpoint
from portal.kernel import sql

# A gateway that was not heard of for so long is gone.
ALIVE_SECONDS = 10
_WAITING = """
WITH alive AS (
    SELECT DISTINCT gateway FROM deployments_gatewayack
    WHERE seen_at > clock_timestamp() - make_interval(secs => %(alive)s)
)
SELECT a.gateway, k.route_revision >= %(revision)s FROM alive a
LEFT JOIN deployments_gatewayack k ON k.gateway = a.gateway AND k.endpoint_id = %(endpoint)s
ORDER BY a.gateway
"""


@dataclass(frozen=True)
class Gateways:
    """Those that live, and of them those that do not yet follow a revision of the routes."""

    alive: tuple[str, ...]
    behind: tuple[str, ...]


def gateways_at(endpoint: Endpoint, route_revision: int) -> Gateways:
    """Who follows these routes of an endpoint and has nothing older at work, and who does not yet."""
    values = {"alive": ALIVE_SECONDS, "revision": route_revision, "endpoint": endpoint.pk}
    found = sql.rows(_WAITING, values)
    return Gateways(tuple(name for name, _ in found), tuple(name for name, has in found if not has))

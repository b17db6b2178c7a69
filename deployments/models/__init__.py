from deployments.models.endpoints import Endpoint, KillDrill
from deployments.models.revisions import Revision, Rollout, Traffic
from deployments.models.servers import GatewayAck, Server, ServingNode

__all__ = [
    "Endpoint",
    "GatewayAck",
    "KillDrill",
    "Revision",
    "Rollout",
    "Server",
    "ServingNode",
    "Traffic",
]

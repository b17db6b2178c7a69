from deployments.models.endpoints import Endpoint, KillDrill
from deployments.models.records import Feedback, InferenceGap, InferenceRecord, TrafficFigure
from deployments.models.revisions import Revision, Rollout, Traffic
from deployments.models.scorings import BatchScoring
from deployments.models.servers import GatewayAck, Server, ServingNode

__all__ = [
    "BatchScoring",
    "Endpoint",
    "Feedback",
    "GatewayAck",
    "InferenceGap",
    "InferenceRecord",
    "KillDrill",
    "Revision",
    "Rollout",
    "Server",
    "ServingNode",
    "Traffic",
    "TrafficFigure",
]

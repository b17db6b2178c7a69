"""The one dispatch table of MLflow's protocol: tracking and registry, as `portal.wsgi` serves it."""

from experiments.protocol.table import ENDPOINTS as TRACKING
from portal.api.protocol import Protocol
from registry.protocol.table import ENDPOINTS as REGISTRY

PROTOCOL = Protocol()
PROTOCOL.add(TRACKING)
PROTOCOL.add(REGISTRY)

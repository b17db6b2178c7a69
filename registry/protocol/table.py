"""Every endpoint of MLflow's registry protocol that the portal serves."""

from portal.api.protocol import Endpoint
from registry.protocol import aliases, models, versions, webhooks

_MODULES = (models, versions, aliases, webhooks)
ENDPOINTS: list[Endpoint] = [endpoint for module in _MODULES for endpoint in module.ENDPOINTS]

"""Every endpoint of MLflow's registry protocol that the portal serves."""

from portal.api.protocol import Endpoint
from registry.protocol import aliases, models, versions

_MODULES = (models, versions, aliases)
ENDPOINTS: list[Endpoint] = [endpoint for module in _MODULES for endpoint in module.ENDPOINTS]

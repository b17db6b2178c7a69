"""Every endpoint of MLflow's registry protocol that the portal serves."""

from portal.api.protocol import Endpoint

ENDPOINTS: list[Endpoint] = []

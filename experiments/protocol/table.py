"""Every endpoint of MLflow's tracking protocol that the portal serves."""

from experiments.protocol import (
    artifacts,
    datasets,
    experiments,
    inputs,
    logged_models,
    metrics,
    runs,
    server,
    uploads,
)
from portal.api.protocol import Endpoint

_MODULES = (server, experiments, runs, metrics, inputs, datasets, logged_models, artifacts, uploads)
ENDPOINTS: list[Endpoint] = [endpoint for module in _MODULES for endpoint in module.ENDPOINTS]

"""The dispatch table of MLflow's tracking protocol: every endpoint that the portal serves."""

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
from portal.api.protocol import Protocol

PROTOCOL = Protocol()
for module in (server, experiments, runs, metrics, inputs, datasets, logged_models, artifacts, uploads):
    PROTOCOL.add(module.ENDPOINTS)

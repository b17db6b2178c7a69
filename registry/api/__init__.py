"""The registry below /api/v1/, beside MLflow's protocol."""

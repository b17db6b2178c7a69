"""Real servers for tests and benchmarks: the portal as it is deployed, and the stock MLflow server beside it."""

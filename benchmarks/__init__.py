"""The portal and the stock MLflow server, side by side on one PostgreSQL; run as `python -m benchmarks`."""

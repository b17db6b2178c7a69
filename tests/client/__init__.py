"""The stock MLflow client, unmodified, against a live portal."""

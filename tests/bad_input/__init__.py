"""Requests that are wrong, hostile or absurd: always a refusal in MLflow's JSON, and nothing written."""

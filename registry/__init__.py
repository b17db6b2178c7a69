"""Registered models, their versions and aliases, cards and lineage, in MLflow's words."""

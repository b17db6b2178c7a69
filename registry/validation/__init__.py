"""MLflow's rules for names of the registry, with its messages, and what a source may be. Nothing here reads a table."""

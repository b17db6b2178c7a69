"""Pages of the registry: models, versions, cards."""

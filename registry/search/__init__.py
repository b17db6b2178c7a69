"""MLflow's filter language over registered models and versions, as SQL."""

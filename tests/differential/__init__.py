"""The same calls to the stock MLflow server and to the portal, answers compared field by field."""

"""In and out: what other trackers hold comes into a workspace, and a workspace goes into an MLflow server."""

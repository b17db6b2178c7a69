"""Where a workspace can be taken to."""

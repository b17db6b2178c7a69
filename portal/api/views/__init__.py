"""The resources of /api/v1/ that the portal itself offers; other apps bring their own."""

"""Programs for those who run and build the portal."""

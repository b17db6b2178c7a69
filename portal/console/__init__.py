"""The auditor console: Django's admin, read-only, in the portal's own frame, and the pages that auditors ask for."""

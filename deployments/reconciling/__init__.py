"""Closes the gap between what an endpoint wants and what its target has (ADR 15)."""

"""Lineage: what was made from what, as a graph that PostgreSQL walks in one statement."""

"""Scores tables of any size with one model."""

"""Pipelines: graphs of trainings that are planned from rows, so that nothing is lost whoever dies."""

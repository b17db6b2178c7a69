"""Runs a command for one attempt of a job, outside of the worker's memory (docs/adr/0010-processes-and-logs.md)."""

"""Requested work that is never lost: the row is the truth, Celery rings the bell (docs/adr/0005-jobs.md)."""

"""The worker: `celery -A portal worker`. It answers bells of the queues in JOB_QUEUES; all else is in `jobs`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.prod")
# Celery would run the checks of every route and go on whatever they find. What concerns a worker, a job kind
# that is declared badly, stops django.setup().
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
django.setup()

from jobs.process import kernel  # noqa: E402 - as below

# Code of users that runs as the same user may not read the environment of a worker.
kernel.prctl(kernel.PR_SET_DUMPABLE, 0)

from jobs.bell import app  # noqa: E402 - needs the settings
from jobs.tasks import ring  # noqa: E402 - declares the task
from jobs.worker import PRESENCE  # noqa: E402 - connects to what happens to the worker

__all__ = ["PRESENCE", "app", "ring"]

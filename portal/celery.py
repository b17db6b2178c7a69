"""The worker: `celery -A portal worker`. It answers bells; everything else is in `jobs`."""

import ctypes
import os
import signal
import sys
from typing import Any

import django
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.prod")
django.setup()

from jobs.bell import app  # noqa: E402 - needs the settings
from jobs.tasks import ring  # noqa: E402 - declares the task

__all__ = ["app", "ring"]

_PR_SET_PDEATHSIG = 1


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _die_with_the_worker(**_: Any) -> None:
    """A pool process whose worker was killed must not live on, out of the reach of whoever stops workers."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

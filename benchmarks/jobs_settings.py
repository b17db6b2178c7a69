"""Settings of the benchmark of jobs: as `make run`, with the kinds that it runs."""

from portal.settings.dev import *  # noqa: F403
from portal.settings.dev import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.jobs_kinds"]
ALLOWED_HOSTS = ["*"]

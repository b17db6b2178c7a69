"""Settings of the workers that the tests start: the job kinds that go wrong on purpose are installed."""

from portal.settings.test import *  # noqa: F403
from portal.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.faults"]

"""Settings for test."""

from portal.settings.base import *  # noqa: F403

"""Settings of `make run`: plain http on the loopback address, so cookies cannot insist on TLS."""

from portal.settings.base import *  # noqa: F403

"""One machine, plain http on loopback: what `make run` uses."""

from portal.settings.base import *  # noqa: F403

# Static files are served from where they lie; only a production image collects them.
WHITENOISE_USE_FINDERS = True

"""Settings of the test run: servers of its own (`tests/servers.py`), everything else as in production."""

from portal.settings import environment as env

env.assume(
    SECRET_KEY="only-for-tests-and-nothing-else-0123456789",  # noqa: S106 - as it says
    DATABASE_URL="postgresql://portal:portal@127.0.0.1:5432/portal",
    REDIS_URL="redis://127.0.0.1:6379/0",
)

from portal.settings.base import *  # noqa: E402, F403 - base reads what is assumed above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
# Looks for a file when it is asked for: listing all files takes each test client a thirtieth of a second.
WHITENOISE_AUTOREFRESH = True
OUTBOX_MAILS = True
# What gets no traffic ends at once, so that tests see it end; those about standing by say for how long.
SERVING_STANDBY_SECONDS = 0

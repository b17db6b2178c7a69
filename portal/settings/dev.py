"""Settings of `make run`: plain http on the loopback address, so cookies cannot insist on TLS."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import AUDIT_SIGNING_KEY_FILE, AUDIT_STATE_FILE, DATA_DIR, EMAIL_HOST

AUDIT_SIGNING_KEY_FILE = AUDIT_SIGNING_KEY_FILE or str(DATA_DIR / "secrets" / "audit_signing_key")
AUDIT_SIGNING_KEY_IS_MADE = True
AUDIT_STATE_FILE = AUDIT_STATE_FILE or str(DATA_DIR / "audit_checkpoint")
if not EMAIL_HOST:
    # Mails as files, so that what would be sent can be read.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mails"
    OUTBOX_MAILS = True

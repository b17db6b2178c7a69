"""Settings of `make run`: plain http on the loopback address, so cookies cannot insist on TLS."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import AUDIT_SIGNING_KEY_FILE, AUDIT_STATE_FILE, DATA_DIR

AUDIT_SIGNING_KEY_FILE = AUDIT_SIGNING_KEY_FILE or str(DATA_DIR / "secrets" / "audit_signing_key")
AUDIT_SIGNING_KEY_IS_MADE = True
AUDIT_STATE_FILE = AUDIT_STATE_FILE or str(DATA_DIR / "audit_checkpoint")

"""The audit log: its name and key, and the places outside that get a copy of every checkpoint."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from portal.settings import environment as env


def origin(portal_url: str) -> str:
    """The name of the log, which stands in every checkpoint: set it once and never change it."""
    name = env.text("AUDIT_ORIGIN", f"{urlsplit(portal_url).hostname}/audit")
    if any(letter.isspace() or letter == "+" for letter in name):
        raise ImproperlyConfigured("AUDIT_ORIGIN must hold neither spaces nor plus signs.")
    return name


def witnesses() -> list[str]:
    """Folders (file://), web addresses (https://) and buckets (s3://), separated by commas."""
    found = env.words("AUDIT_WITNESSES")
    for each in found:
        parts = urlsplit(each)
        is_known = parts.scheme in ("https", "s3", "gs", "az") and bool(parts.hostname)
        if not is_known and not (parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc):
            raise ImproperlyConfigured(
                "AUDIT_WITNESSES must be addresses that start with file:///, https://, s3://, gs:// or az://."
            )
    return found


# Read by the sequencer alone; the path is known everywhere, the file need be readable there only.
AUDIT_SIGNING_KEY_FILE = env.text("AUDIT_SIGNING_KEY_FILE", "")
# Whether the sequencer makes a key where there is none; never in production.
AUDIT_SIGNING_KEY_IS_MADE = False
# Where the sequencer keeps the last checkpoint that it signed, so that it signs no second past; empty: nowhere.
AUDIT_STATE_FILE = env.text("AUDIT_STATE_FILE", "")
AUDIT_WITNESSES = witnesses()
AUDIT_WITNESS_TOKEN = env.text("AUDIT_WITNESS_TOKEN", "")

"""The key that technical files are signed with: Ed25519, in a file that only the workers read."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from compliance.models import Evidence
from portal.audit.notes import BadKey, Signer, key_make
from portal.kernel.errors import Unavailable
from registry.selectors.technical_files import KIND


def documents_verifiers() -> list[str]:
    """Verifiers of the keys that documents were signed with, the newest first; of these, the process may read none."""
    found = Evidence.objects.filter(kind=KIND, body__has_key="verifier").order_by("-id")
    signed = dict.fromkeys(found.values_list("body__verifier", flat=True))
    path = Path(settings.DOCUMENT_SIGNING_KEY_FILE)
    try:
        return list(dict.fromkeys([Signer.read(_name(), path).verifier, *signed]))
    except (BadKey, OSError):
        return list(signed)


def documents_signer() -> Signer:
    """The signer of documents; its key is made when it is first needed. Raises Unavailable."""
    path = Path(settings.DOCUMENT_SIGNING_KEY_FILE)
    try:
        if settings.DOCUMENT_SIGNING_KEY_IS_MADE:
            key_make(path)
        return Signer.read(_name(), path)
    except (BadKey, OSError) as error:
        raise Unavailable(f"Documents cannot be signed: {error}") from error


def _name() -> str:
    return f"{urlsplit(settings.PORTAL_URL).hostname}/documents"

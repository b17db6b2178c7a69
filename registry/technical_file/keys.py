"""The key that technical files are signed with: Ed25519, in a file that only the workers read."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from portal.audit.notes import BadKey, Signer, key_make
from portal.kernel.errors import Unavailable


def documents_signer() -> Signer:
    """The signer of documents; its key is made when it is first needed. Raises Unavailable."""
    path = Path(settings.DOCUMENT_SIGNING_KEY_FILE)
    name = f"{urlsplit(settings.PORTAL_URL).hostname}/documents"
    try:
        if settings.DOCUMENT_SIGNING_KEY_IS_MADE:
            key_make(path)
        return Signer.read(name, path)
    except (BadKey, OSError) as error:
        raise Unavailable(f"Documents cannot be signed: {error}") from error

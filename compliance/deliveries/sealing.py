"""Secrets of webhooks at rest: encrypted by keys that come from SECRET_KEY and its fallbacks.

After a rotation of SECRET_KEY the old one stays among SECRET_KEY_FALLBACKS until the secrets are sealed anew, which
an update of the webhook does.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"portal.compliance.webhook.secret"


class SealBroken(Exception):
    """The secret was sealed by a key that the settings do not hold any more."""


def seal(secret: str) -> bytes:
    """The secret as it is stored."""
    return _keys().encrypt(secret.encode())


def unseal(sealed: bytes) -> str:
    """The secret as it was given. Raises SealBroken."""
    try:
        return _keys().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise SealBroken(
            "The secret was sealed under a SECRET_KEY that is gone. Set the secret of the webhook again."
        ) from error


def _keys() -> MultiFernet:
    return MultiFernet([_key(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret_key: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))

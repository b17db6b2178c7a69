"""Second factors at rest: their secrets are encrypted, so that a copy of the database is not enough to make codes."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


class FactorAdapter(DefaultMFAAdapter):
    """Encrypts under a key derived from SECRET_KEY; SECRET_KEY_FALLBACKS still decrypt, so keys can be rotated."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in keys])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(
        hashlib.sha256(b"portal.accounts.signin.factors:" + secret.encode()).digest()
    )

"""What gateways show to the model processes of a revision. It is made from the portal's secret and stored nowhere."""

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

HEADER = "X-Serving-Key"


def serving_key(revision_id: UUID) -> str:
    """The key of a revision, 64 hexadecimal digits. It ends with the secret that it was made from."""
    message = b"deployments.serving_key:" + revision_id.bytes
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()

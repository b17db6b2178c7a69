"""The name of a source: what tells it from others, with nothing secret in it."""

import re
from pathlib import Path
from urllib.parse import urlsplit


def address_of(uri: str) -> str:
    """A URI without the user, the password and the query in it."""
    parts = urlsplit(uri)
    if parts.scheme in ("", "file"):
        return f"file://{Path(parts.path or uri).resolve()}"
    plain = re.sub(r"//[^/]*@", "//", re.split(r"[?#]", uri)[0])
    return plain.rstrip("/")

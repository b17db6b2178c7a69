"""Secrets of a workspace that its jobs use by name: encrypted in the database, decrypted only where a job runs.

The key lies in a file (`JOBS_SECRETS_KEY_FILE`), one key a line: the first encrypts, all decrypt, so a new key
is put first and the old one stays until every secret has been set again. A ciphertext also holds where it
belongs, so a row that was moved to another name or workspace does not decrypt.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from jobs.errors import Permanent
from jobs.models import JobSecret
from portal.kernel.errors import Unavailable


def secret_values(workspace_id: int, names: Iterable[str]) -> dict[str, str]:
    """The values of these secrets, for a handler; they go into `Command.secrets` and nowhere else.

    Raises Permanent for a name that the workspace does not have, and Unavailable when the key does not fit.
    """
    wanted = sorted(set(names))
    rows = JobSecret.objects.filter(workspace=workspace_id, name__in=wanted) if wanted else []
    found = {row.name: row for row in rows}
    missing = [name for name in wanted if name not in found]
    if missing:
        raise Permanent(f"The workspace has no secret {', '.join(missing)}. A maintainer can set it.")
    return {name: secret_decrypt(workspace_id, name, row.ciphertext) for name, row in found.items()}


def secret_encrypt(workspace_id: int, name: str, value: str) -> str:
    """The ciphertext of a value at its place. Raises Unavailable."""
    text = json.dumps([workspace_id, name, value])
    return _keys().encrypt(text.encode()).decode()


def secret_decrypt(workspace_id: int, name: str, ciphertext: str) -> str:
    """The value at its place. Raises Unavailable."""
    try:
        found_id, found_name, value = json.loads(_keys().decrypt(ciphertext.encode()))
    except InvalidToken as error:
        raise Unavailable(
            f"The secret {name} cannot be decrypted with the keys that the portal has now. Set it again."
        ) from error
    if (found_id, found_name) != (workspace_id, name):
        raise Unavailable(f"The secret {name} was moved here from another place. Set it again.")
    return str(value)


def _keys() -> MultiFernet:
    path = Path(settings.JOBS_SECRETS_KEY_FILE)
    try:
        if settings.JOBS_SECRETS_KEY_IS_MADE and not path.exists():
            _key_make(path)
        return MultiFernet([Fernet(line) for line in path.read_text().split()])
    except (OSError, ValueError) as error:
        raise Unavailable(
            "Secrets cannot be used: the file of their key is missing or holds no key. Ask an operator."
        ) from error


def _key_make(path: Path) -> None:
    """Write a new key, readable by its owner only; nothing happens where somebody else just did."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()

"""Health checks for containers that have no curl: an address that answers 200, or a management command that runs.

python -m scripts.healthy http://127.0.0.1:8000/health
python -m scripts.healthy --process scheduler
"""

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path


def answers(address: str) -> bool:
    """Whether an address of this container answers 200, as the host that the portal serves."""
    host = os.environ.get("PORTAL_URL", "").partition("//")[2].rstrip("/")
    request = urllib.request.Request(address, headers={"Host": host} if host else {})  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def runs(command: str) -> bool:
    """Whether `manage.py <command>` runs in this container."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"manage.py" in words and command.encode() in words:
            return True
    return False


def main(arguments: list[str]) -> bool:
    if arguments[:1] == ["--process"]:
        return runs(arguments[1])
    return answers(arguments[0])


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)

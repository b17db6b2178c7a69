"""What a lock pins."""

import re

_PINNED = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?\s*(?:==\s*([^\s;\\]+)|@\s*(\S+))", re.MULTILINE
)


def lock_packages(lock: str) -> dict[str, str]:
    """The packages of a lock by name, each with its version or its address."""
    return {
        re.sub(r"[-_.]+", "-", name).lower(): version or address
        for name, version, address in _PINNED.findall(lock)
    }

"""The few calls of Linux that Python 3.11 does not offer. Standard library only: the launcher imports this."""

import ctypes
import os
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18
_LIBC = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Raises OSError."""
    _checked(_LIBC.prctl(option, value, 0, 0, 0), "prctl")


def process_namespace_enter() -> None:
    """The next child is the first process of a new namespace; all in it die with that child. Raises OSError.

    Who may not make one directly does it in a user namespace, in which they are themselves.
    """
    user, group = os.geteuid(), os.getegid()
    try:
        _checked(_LIBC.unshare(CLONE_NEWPID), "unshare")
    except PermissionError:
        _checked(_LIBC.unshare(CLONE_NEWUSER | CLONE_NEWPID), "unshare")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def process_folder_mount() -> None:
    """Give this process and its children a /proc of their own namespace. Raises OSError."""
    _checked(_LIBC.unshare(CLONE_NEWNS), "unshare")
    _checked(_LIBC.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "mount")
    _checked(
        _LIBC.mount(b"proc", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None), "mount of /proc"
    )


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")

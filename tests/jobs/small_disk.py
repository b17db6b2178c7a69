"""A file system that is small enough to be filled."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted file system of the tests' own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @contextlib.contextmanager
    def mounted(cls, path: Path, size: str) -> Iterator["SmallDisk"]:
        """While this is open. Skips the test where nothing can be mounted."""
        path.mkdir()
        mount = shutil.which("mount") or "mount"
        made = subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], capture_output=True
        )
        if made.returncode:
            pytest.skip(f"a small file system cannot be mounted here: {made.stderr.decode().strip()}")
        try:
            yield cls(path)
        finally:
            subprocess.run(["umount", "-l", str(path)], check=True)

    def fill(self) -> None:
        file = os.open(self.path / "filling", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(file, b"x" * 4096)
        os.close(file)

    def free(self) -> None:
        (self.path / "filling").unlink()

"""Writes the locks: exact versions and hashes for every platform, no host, so that any index can serve them."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from install import REQUIREMENTS, find_uv, pip_settings

NAMES = ("base", "dev", "ray", "kserve", "transfer", "uv")
# Only its published types are used, which need none of the packages with which KServe serves models.
ALONE = ("kserve",)


def main() -> int:
    uv = find_uv()
    if uv is None:
        sys.exit("Run make install-dev first.")
    for name in NAMES:
        command = [
            uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
            "--no-header", "--index-strategy", "unsafe-best-match",
            *(["--no-deps"] if name in ALONE else []), *sys.argv[1:], f"{name}.in", "-o", f"{name}.txt",
        ]  # fmt: skip
        subprocess.run(command, cwd=REQUIREMENTS, env={**os.environ, **pip_settings()}, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Fetch the pinned fonts and the chart library from npm into portal/static/portal/vendor, or check them.

python scripts/vendor_assets.py            fetch and write CHECKSUMS
python scripts/vendor_assets.py --check    compare the committed files with CHECKSUMS
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "portal" / "static" / "portal" / "vendor"
CHECKSUMS = VENDOR / "CHECKSUMS"
# Package and version -> {file inside the package: name of our copy}.
PACKAGES = {
    "uplot@1.6.32": {
        "dist/uPlot.iife.min.js": "uPlot.iife.min.js",
        "dist/uPlot.min.css": "uPlot.min.css",
        "LICENSE": "uPlot.LICENSE.txt",
    },
    "@fontsource-variable/inter@5.3.0": {
        "files/inter-latin-wght-normal.woff2": "inter-latin-wght-normal.woff2",
        "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext-wght-normal.woff2",
        "LICENSE": "inter.LICENSE.txt",
    },
    "@fontsource-variable/jetbrains-mono@5.3.0": {
        "files/jetbrains-mono-latin-wght-normal.woff2": "jetbrains-mono-latin-wght-normal.woff2",
        "LICENSE": "jetbrains-mono.LICENSE.txt",
    },
}


def fetch(package: str, files: dict[str, str]) -> None:
    """Copy the wanted files of one package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        archive = next(Path(folder).glob("*.tgz"))
        with tarfile.open(archive) as packed:
            for inside, ours in files.items():
                member = packed.extractfile(f"package/{inside}")
                if member is None:
                    raise LookupError(f"{package} has no file {inside}.")
                (VENDOR / ours).write_bytes(member.read())


def lines() -> list[str]:
    """One `sha256  name` line for each vendored file."""
    files = sorted(path for path in VENDOR.iterdir() if path != CHECKSUMS)
    return [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in files]


def main() -> int:
    if "--check" in sys.argv:
        return 0 if CHECKSUMS.read_text().splitlines() == lines() else 1
    for package, files in PACKAGES.items():
        fetch(package, files)
    CHECKSUMS.write_text("\n".join(lines()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

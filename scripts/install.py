"""Sets up the local environment `.venv` from a hash-pinned lock; needs nothing but Python 3.11.

    python3 scripts/install.py base|dev

uv does the work. It comes from pip, by hash, into `.uv`; where Python has no pip, from a uv that is installed
already, and as root from Debian's packages. Package hosts are those of the machine's own pip configuration: the
lock names packages and hashes, no host. What is installed already is left alone, so a second call takes no time.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, TOOLS, REQUIREMENTS = ROOT / ".venv", ROOT / ".uv", ROOT / "requirements"
STAMP = VENV / "installed-lock"
# Options of pip whose names end so say where packages come from; uv takes each as a variable of the same name.
PLACES = ("url", "links")
CERT = {"cert": "SSL_CERT_FILE"}


def main() -> int:
    wanted = sys.argv[1]
    if is_installed(wanted):
        return 0
    if sys.version_info[:2] != (3, 11):
        return refuse(
            f"Python 3.11 is needed, this is {sys.version.split()[0]}. Call: make PYTHON=python3.11 …"
        )
    uv = find_uv()
    if uv is None:
        return refuse("Neither pip nor uv is here. Install one of them, on Debian: apt install python3-pip")
    say(f"installing requirements/{wanted}.txt into .venv")
    env = {**os.environ, **pip_settings(), "UV_PYTHON_DOWNLOADS": "never"}
    if not (VENV / "bin" / "python").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)], env=env, check=True)
    done = subprocess.run(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--no-compile-bytecode", "--index-strategy",
         "unsafe-best-match", "--python", str(VENV / "bin" / "python"), str(REQUIREMENTS / f"{wanted}.txt")],
        env=env, check=False,
    )  # fmt: skip
    if done.returncode:
        return refuse("The packages could not be installed; the lines above say why.")
    STAMP.write_text(stamp(wanted))
    return 0


def stamp(name: str) -> str:
    """What an environment that matches a lock carries."""
    return f"{name} {hashlib.sha256((REQUIREMENTS / f'{name}.txt').read_bytes()).hexdigest()}\n"


def is_installed(wanted: str) -> bool:
    """Whether the environment holds the lock, or the larger one that contains it."""
    try:
        found = STAMP.read_text()
    except OSError:
        return False
    return found in (stamp(wanted), stamp("dev"))


def find_uv() -> str | None:
    """A uv to work with; each way is tried in turn."""
    ways: list[Callable[[], object]] = [lambda: None, by_pip, by_venv, by_apt]
    for way in ways:
        way()
        for place in (TOOLS / "bin" / "uv", TOOLS / "venv" / "bin" / "uv"):
            if place.exists():
                return str(place)
    return shutil.which("uv")


def by_pip() -> None:
    """The pip of this Python; `--target` leaves the system's own packages alone."""
    pip_install([sys.executable, "-m", "pip"], "--target", str(TOOLS))


def by_venv() -> None:
    """A virtual environment brings a pip of its own, unless Debian's python3-venv is missing."""
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(TOOLS / "venv")], capture_output=True, check=False
    )
    if made.returncode == 0:
        pip_install([str(TOOLS / "venv" / "bin" / "python"), "-m", "pip"])


def by_apt() -> None:
    """Debian's pip, when we are root and no uv is here."""
    if shutil.which("uv") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say("installing python3-pip by apt")
    quiet = ["apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*quiet, "update"], check=False)
    subprocess.run([*quiet, "install", "--no-install-recommends", "python3-pip"], check=False)
    by_pip()


def pip_install(pip: list[str], *options: str) -> None:
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        return
    say("fetching uv with pip")
    quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"]
    exact = ["--no-deps", "--upgrade", "--require-hashes", "-r", str(REQUIREMENTS / "uv.txt")]
    subprocess.run([*pip, "install", *quiet, *exact, *options], check=False)


def pip_settings() -> dict[str, str]:
    """The machine's pip configuration in uv's words, where uv has none of its own."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2]
        variable = f"UV_{option.upper().replace('-', '_')}" if option.endswith(PLACES) else CERT.get(option)
        if variable and variable not in os.environ:
            found[variable] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return found


def say(text: str) -> None:
    print(f"[install] {text}", flush=True)


def refuse(text: str) -> int:
    print(f"The installation stopped: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

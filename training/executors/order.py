"""What goes to a cluster: the order behind a claim, and the package of the program that runs it there."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from jobs.errors import Permanent
from training.executors.protocol import Prepared
from training.executors.remote_program import FOLDER, VENV

_ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "remote_program.py"
# What the program is made of: packages, whose first file says nothing, and modules of them.
_PACKAGES = ("jobs", "jobs.process", "training", "training.work")
_LAUNCHER = ("launcher", "groups", "child", "kernel", "masking", "spool")
_MODULES = (("training.work", "machine"), *(("jobs.process", name) for name in _LAUNCHER))
_ADDRESSES = ("MLFLOW_TRACKING_URI", "PORTAL_URL")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def portal_url() -> str:
    """The portal as nodes reach it. Raises Permanent where secrets would cross a network in clear."""
    url = str(settings.EXECUTORS_PORTAL_URL or settings.PORTAL_URL)
    parts = urlsplit(url)
    is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not is_here and not settings.EXECUTORS_ALLOW_HTTP:
        raise Permanent(
            f"Work on a cluster would send secrets to {url} in clear. Set EXECUTORS_PORTAL_URL to an https address."
        )
    return url


def order_of(prepared: Prepared, work_sha256: str) -> dict[str, Any]:
    """The command with marks for the folders of the other side, its secrets, and its environment."""
    command, venv = prepared.command, str(prepared.python.parent.parent)
    cpus = command.limits.cpus
    threads = {} if cpus is None else dict.fromkeys(_THREADS, str(cpus))
    env = {**threads, **command.env, **{name: portal_url() for name in _ADDRESSES if name in command.env}}
    told = {
        "argv": list(command.argv),
        "cwd": str(command.cwd),
        "env": {name: value for name, value in env.items() if name not in command.secrets},
        "limits": asdict(command.limits),
    }
    lock = f"{prepared.python_version}\n{prepared.lock}"
    return {
        "key": prepared.key,
        "work_sha256": work_sha256,
        "command": _marked(told, {str(prepared.folder): FOLDER, venv: VENV}),
        "secrets": dict(command.secrets),
        "environment": {
            "shared": venv if settings.EXECUTORS_SHARE_FILES else "",
            "digest": hashlib.sha256(lock.encode()).hexdigest(),
            "lock": prepared.lock,
            "python": prepared.python_version,
        },
    }


def _path(package: str, module: str) -> str:
    return f"{package.replace('.', '/')}/{module}.py"


@cache
def program_files() -> Mapping[str, str]:
    """The program and what it needs, by path."""
    paths = [*(_path(name, "__init__") for name in _PACKAGES), *(_path(*each) for each in _MODULES)]
    found = {path: (_ROOT / path).read_text() for path in paths}
    return {PROGRAM: (Path(__file__).parent / PROGRAM).read_text(), **found}


@cache
def program_pack() -> bytes:
    """The program as a zip that is the same for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(program_files().items()):
            archive.writestr(zipfile.ZipInfo(path, _FIXED_TIME), text)
    return packed.getvalue()


def _marked(value: Any, marks: Mapping[str, str]) -> Any:
    """The same with the folders of this worker replaced by marks."""
    if isinstance(value, dict):
        return {name: _marked(item, marks) for name, item in value.items()}
    if isinstance(value, list):
        return [_marked(item, marks) for item in value]
    if isinstance(value, str):
        for path, mark in marks.items():
            value = value.replace(path, mark)
    return value

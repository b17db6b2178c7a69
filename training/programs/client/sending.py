"""Packs a folder of code and sends it."""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import tarfile
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from training.programs.client.talking import Portal, Refused, say

LEFT_OUT = {
    ".git",
    "__pycache__",
    ".venv",
    "venv",
    ".ipynb_checkpoints",
    "node_modules",
    "mlruns",
    ".mypy_cache",
}
DIFF_CHARACTERS = 500_000


def git_said(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def origin_of(folder: Path) -> dict[str, str]:
    """The commit that a folder is at, where that is from, and how the folder differs."""
    commit = git_said(folder, "rev-parse", "HEAD")
    if commit is None:
        return {}
    url = (git_said(folder, "config", "--get", "remote.origin.url") or "").strip()
    diff = git_said(folder, "diff", "HEAD", "--", ".") or ""
    new = (git_said(folder, "ls-files", "--others", "--exclude-standard", "--", ".") or "").splitlines()
    diff += "".join(f"Not in the repository: {name}\n" for name in new)
    if len(diff) > DIFF_CHARACTERS:
        diff = diff[:DIFF_CHARACTERS] + "\n[the difference is longer]\n"
    url = re.sub(r"\A([a-z+]+://)[^/@]*@", r"\1", url)
    return {"git_url": url, "git_commit": commit.strip(), "diff": diff.replace("\x00", "\ufffd")}


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files to send: those that Git would not ignore, else all but what is never code."""
    listed = git_said(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    names = listed.split("\0") if listed else [str(path.relative_to(folder)) for path in folder.rglob("*")]
    for name in sorted(set(filter(None, names))):
        path = folder / name
        if path.is_file() and not path.is_symlink() and LEFT_OUT.isdisjoint(Path(name).parts):
            yield name, path


def packed(folder: Path, target: IO[bytes]) -> int:
    """Write a tar.gz of a folder; the number of its files."""
    count = 0
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w") as archive:
            for name, path in files_of(folder):
                entry = tarfile.TarInfo(Path(name).as_posix())
                entry.size = path.stat().st_size
                entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
                with path.open("rb") as file:
                    archive.addfile(entry, file)
                count += 1
    return count


def upload(portal: Portal, workspace: str, folder: Path) -> str:
    """Send a folder as code; its id."""
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder.")
    boundary = uuid.uuid4().hex
    with tempfile.TemporaryFile() as archive:
        count = packed(folder, archive)
        if not count:
            raise Refused(f"{folder} holds no file to send.")
        archive.seek(0)
        content = archive.read()
    body = io.BytesIO()
    for name, value in {"workspace": workspace, **origin_of(folder)}.items():
        body.write(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        )
    body.write(
        f'--{boundary}\r\nContent-Disposition: form-data; name="archive"; filename="code.tar.gz"\r\n'.encode()
    )
    body.write(b"Content-Type: application/gzip\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode())
    made = portal.call("POST", "code-snapshots", body.getvalue(), f"multipart/form-data; boundary={boundary}")
    told = f" at commit {made['git_commit'][:12]}" if made["git_commit"] else ""
    say(
        f"code {made['digest'][:12]}: {made['file_count']} files{told}{', changed' if made['is_dirty'] else ''}"
    )
    return str(made["id"])

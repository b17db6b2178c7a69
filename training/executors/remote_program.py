"""The other side of an executor: runs one attempt of a training on a node of a cluster. Standard library only.

It travels in a package with `jobs.process.launcher` and is started as `python3 remote_program.py` with PORTAL_URL and
PORTAL_CLAIM. The claim is exchanged once, when the portal has seen this run, for what to do, secrets included; code
and inputs are fetched and checked against their digest; the launcher runs the command within its limits, as on a worker
of the portal; `outputs/` and how it ended go back in one archive. Nothing of a secret is printed. It exits like the
command, or with 78 when it brought no result. Needs Linux and Python 3.10.12, 3.11.4 or newer.
"""

import fcntl
import hashlib
import http.client
import json
import os
import platform
import re
import select
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from training.work.machine import machine

HERE = Path(__file__).resolve().parent
FOLDER, VENV = "@portal-folder@", "@portal-venv@"
PARTS = ("code", "inputs", "outputs", "home")
READ_BYTES = 256 * 1024
EARLY_SECONDS, PAUSE_SECONDS, TIMEOUT_SECONDS = 0.25, 2, 120
ASK_SECONDS, OPEN_SECONDS, DELIVER_SECONDS = 60, 600, 3600
FETCHES = 3
HOLD_SECONDS, HEARTBEAT_SECONDS = 120, 5
REFUSED = 78
EARLY, USED = "claim_early", "claim_used"
VERSIONED = re.compile(r"@ git\+\S+@[0-9a-f]{40}(\s|#|$)")


class Refused(Exception):
    """The work cannot be done here; the sentence goes to the log."""


class NotWanted(Exception):
    """The portal does not know the attempt any more: it was cancelled, or another one has begun."""


class Early(Exception):
    """The portal has not seen this run yet."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A session is shown to the portal only."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Portal:
    """The portal as this program needs it."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url.rstrip("/"), ""
        self._http = urllib.request.build_opener(NoRedirect)

    def redeem(self, claim: str) -> dict[str, Any]:
        """The order behind a claim. Only a call that never arrived, or came too early, is made again."""
        body, limit = json.dumps({"claim": claim}).encode(), time.monotonic() + OPEN_SECONDS
        for tries in count(1):
            try:
                with self._open(
                    "POST", "/api/v1/training-claims", body, again_after=ConnectionRefusedError
                ) as answer:
                    order: dict[str, Any] = json.loads(answer.read())
            except Early as error:
                if time.monotonic() > limit:
                    raise Refused("The portal did not open the claim in time.") from error
                time.sleep(min(tries * EARLY_SECONDS, PAUSE_SECONDS))
                continue
            self._session = order["session"]
            return order
        raise AssertionError

    def fetch(self, order: dict[str, Any], target: Path) -> None:
        """The archive of code and inputs. Raises Refused when it is not the one that was ordered."""
        for _ in range(FETCHES):
            digest = hashlib.sha256()
            try:
                with self._open("GET", f"{_claim_path(order)}/work") as answer, target.open("wb") as file:
                    while chunk := answer.read(READ_BYTES):
                        digest.update(chunk)
                        file.write(chunk)
            except (OSError, http.client.HTTPException):
                continue
            if digest.hexdigest() == order["work_sha256"]:
                return
        raise Refused("What arrived is not the code and the inputs that were sent: their digest differs.")

    def deliver(self, order: dict[str, Any], archive: Path) -> None:
        """The outputs and the end of the command. What took hours is not given up since the portal is away."""
        with archive.open("rb") as file:
            self._open(
                "PUT",
                f"{_claim_path(order)}/result",
                file,
                size=archive.stat().st_size,
                seconds=DELIVER_SECONDS,
            ).close()

    def heartbeat(self, order: dict[str, Any]) -> None:
        """Raises NotWanted. A portal that does not answer is waited for."""
        try:
            self._open("GET", _claim_path(order), seconds=0, timeout=10).close()
        except Refused:
            return

    def _open(
        self, method: str, path: str, body: bytes | BinaryIO | None = None, *, size: int | None = None,
        seconds: float = ASK_SECONDS, timeout: float = TIMEOUT_SECONDS, again_after: type[Exception] = OSError,
    ) -> http.client.HTTPResponse:  # fmt: skip
        headers = {"Content-Type": "application/json" if isinstance(body, bytes) else "application/x-tar"}
        if size is not None:
            headers["Content-Length"] = str(size)
        if self._session:
            headers["Authorization"] = f"Bearer {self._session}"
        request = urllib.request.Request(f"{self._url}{path}", body, headers, method=method)  # noqa: S310 - https
        limit = time.monotonic() + seconds
        while True:
            if body is not None and not isinstance(body, bytes):
                body.seek(0)
            try:
                answer: http.client.HTTPResponse = self._http.open(request, timeout=timeout)
                return answer
            except urllib.error.HTTPError as error:
                _answer_check(error, is_last=time.monotonic() > limit)
            except (OSError, http.client.HTTPException) as error:
                reason = error.reason if isinstance(error, urllib.error.URLError) else error
                if time.monotonic() > limit or not isinstance(reason, again_after):
                    raise Refused(f"The portal cannot be reached from here: {reason}.") from error
            time.sleep(PAUSE_SECONDS)


class Command:
    """The command under the launcher."""

    def __init__(self, order: dict[str, Any], folder: Path, venv: Path) -> None:
        self._spool = folder / "output"
        self._spool.touch(mode=0o600)
        self._printed = self._spool.open("rb")
        self.is_stopped = False
        spec = json.loads(json.dumps(order["command"]).replace(FOLDER, str(folder)).replace(VENV, str(venv)))
        secrets = order["secrets"]
        env = {**spec["env"], **secrets, "PORTAL_COMMAND": order["key"]}
        told = {
            "argv": spec["argv"], "cwd": spec["cwd"], "env": env, "secrets": list(secrets.values()),
            "limits": spec["limits"], "spool": str(self._spool), "hold_seconds": HOLD_SECONDS,
            "isolation": "namespace" if _launcher("--probe").wait() == 0 else "subreaper",
        }  # fmt: skip
        self._process = _launcher()
        self._say(json.dumps(told))

    def wait(self, portal: Portal, order: dict[str, Any]) -> dict[str, Any]:
        """How it ended; its output is printed meanwhile. Raises NotWanted after it was ended."""
        beat_at, said = time.monotonic() + HEARTBEAT_SECONDS, b""
        answers = self._process.stdout.fileno()  # type: ignore[union-attr]
        while not said.endswith(b"\n"):
            self.print_new()
            if select.select([answers], [], [], 0.2)[0]:
                part = os.read(answers, 65_536)
                if not part:
                    raise Refused("What watches the command was killed.")
                said += part
            self._say("cancel" if self.is_stopped else f"hold {HOLD_SECONDS}")
            if time.monotonic() > beat_at and not self.is_stopped:
                beat_at = time.monotonic() + HEARTBEAT_SECONDS
                self._beat(portal, order)
        self.print_new()
        if self.is_stopped:
            raise NotWanted
        ended: dict[str, Any] = json.loads(said)
        return ended

    def stop(self) -> None:
        """Ask all processes of the command to end; the launcher kills what stays. Safe in a signal handler."""
        self.is_stopped = True

    def print_new(self) -> None:
        """Copy the masked output that is new."""
        while data := self._printed.read(READ_BYTES):
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def _beat(self, portal: Portal, order: dict[str, Any]) -> None:
        try:
            portal.heartbeat(order)
        except NotWanted:
            say("the portal does not want this attempt any more")
            self.stop()

    def _say(self, line: str) -> None:
        try:
            self._process.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except BrokenPipeError:
            return


def main() -> int:
    """Do what the claim stands for; the exit code of the command."""
    portal = Portal(os.environ.pop("PORTAL_URL", ""))
    claim = os.environ.pop("PORTAL_CLAIM", "")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(REFUSED))
    folder = Path(tempfile.mkdtemp(prefix="portal-"))
    try:
        order = portal.redeem(claim)
        say(f"{order['key']} on {platform.node()}, Python {platform.python_version()}")
        return _done(portal, order, folder)
    except NotWanted:
        say("ended before its time")
        return REFUSED
    except (Refused, subprocess.CalledProcessError) as error:
        say(str(error))
        return REFUSED
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def say(text: str) -> None:
    """One line in the log."""
    sys.stdout.write(f"[portal] {text}\n")
    sys.stdout.flush()


def _done(portal: Portal, order: dict[str, Any], folder: Path) -> int:
    archive = folder / "work.tar"
    portal.fetch(order, archive)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    for part in PARTS:
        (folder / part).mkdir(mode=0o700, exist_ok=True)
    before = _digests(folder / "inputs")
    venv = environment(order["environment"])
    command = Command(order, folder, venv)
    signal.signal(signal.SIGTERM, lambda *_: command.stop())
    ended = command.wait(portal, order)
    after = _digests(folder / "inputs")
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    portal.deliver(order, _result(folder, ended, changed))
    if ended["code"] is not None and ended["cause"] == "exited":
        return int(ended["code"])
    return 128 + int(ended["signal"] or signal.SIGKILL)


def environment(wanted: dict[str, Any]) -> Path:
    """The folder of the environment: the portal's own on a shared file system, or one built here once for its lock."""
    if wanted["shared"]:
        if not (Path(wanted["shared"]) / "bin" / "python").exists():
            raise Refused(
                f"{wanted['shared']} is not on this node, but its file system is said to be shared."
            )
        return Path(wanted["shared"])
    cache = Path(os.environ.get("PORTAL_ENVIRONMENTS") or Path.home() / ".cache" / "portal-environments")
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = cache / str(wanted["digest"])
    with (cache / f"{wanted['digest']}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            say("building the environment")
            _build(home, wanted["lock"], wanted["python"])
            (home / "complete").touch()
    return home


def _build(home: Path, lock: str, python: str) -> None:
    """With uv where the node has it, else with the node's own Python and pip; hashes are required in both cases."""
    listed = home.with_suffix(".txt")
    listed.write_text(lock)
    minor = ".".join(python.split(".")[:2])
    is_ours = minor == ".".join(platform.python_version_tuple()[:2])
    base = getattr(sys, "_base_executable", sys.executable)
    inside = str(home / "bin" / "python")
    # A commit of a repository has no hash beside its own name.
    exact = ["--no-deps", *([] if VERSIONED.search(lock) else ["--require-hashes"]), "-r", str(listed)]
    if uv := shutil.which("uv"):
        _run(uv, "venv", "--quiet", "--python", base if is_ours else minor, str(home))
        _run(uv, "pip", "install", "--quiet", "--python", inside, *exact)
    elif is_ours:
        _run(base, "-m", "venv", str(home))
        _run(inside, "-m", "pip", "install", "--quiet", *exact)
    else:
        raise Refused(f"The node has neither Python {minor} nor uv, which would find it.")


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=sys.stdout, stderr=subprocess.STDOUT)  # noqa: S603 - our own words


def _launcher(*arguments: str) -> subprocess.Popen[bytes]:
    """In a session of its own: when this program is killed, its input ends, and it kills the command."""
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-S", "-s", "-m", "jobs.process.launcher", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", start_new_session=True,
        stderr=subprocess.DEVNULL if arguments else None,
        env={"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def _digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while chunk := file.read(READ_BYTES):
                    digest.update(chunk)
            found[path.relative_to(folder).as_posix()] = digest.hexdigest()
    return found


def _result(folder: Path, ended: dict[str, Any], changed: list[str]) -> Path:
    """One archive, so that what came of it arrives whole or not at all."""
    said = folder / "result.json"
    said.write_text(json.dumps({"exit": ended, **machine(), "changed_inputs": changed[:5]}))
    archive = folder / "result.tar"
    with tarfile.open(archive, "w") as packed:
        packed.add(said, "result.json")
        packed.add(folder / "outputs", "outputs", filter=_plain)
    return archive


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return entry if entry.isfile() or entry.isdir() else None


def _claim_path(order: dict[str, Any]) -> str:
    return f"/api/v1/training-claims/{order['id']}"


def _answer_check(error: urllib.error.HTTPError, *, is_last: bool) -> None:
    """Whether it is worth to ask again; raises where it is not."""
    said = error.read(2000)
    try:
        code = json.loads(said).get("code", "")
    except (ValueError, AttributeError):
        code = ""
    if code == EARLY:
        raise Early from error
    if code == USED:
        raise Refused("Somebody else has used the claim of this work before.") from error
    if error.code in (401, 403, 404, 409, 410):
        raise NotWanted from error
    if (error.code < 500 and error.code != 429) or is_last:
        raise Refused(f"The portal refused with {error.code}: {said[:500]!r}") from error


if __name__ == "__main__":
    sys.exit(main())

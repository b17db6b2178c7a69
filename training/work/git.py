"""Takes one commit out of a Git repository that nobody here has looked at.

Nothing of the repository is executed or checked out: its objects are fetched into a bare repository without hooks
and without anybody's configuration, and the files of the commit come out as an archive, byte for byte. So filters,
LFS, submodules and links of the repository do nothing; links and submodules are left out.
"""

import base64
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from jobs.errors import Permanent
from jobs.process.command import Command, Exit, Limits
from jobs.process.run import log_write, run_command
from jobs.step import JobStep
from training.spec.places import bundle_path, git_protocol
from training.work.indexes import index_settings
from training.work.trees import tree_files, tree_unpack

FETCH_SECONDS = 600
PACK_BYTES = 2 * 1024**3
MEMORY_BYTES = 2 * 1024**3
_COMMIT_START = re.compile(r"[0-9a-f]{7,64}\Z")
_WANTED = "refs/portal/wanted"
_HTTP = ("https", "http")
# What the repository says about conversions does not hold: the files come out as they were committed.
_ATTRIBUTES = "* -text -ident -filter -export-ignore -export-subst -working-tree-encoding\n"
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


@dataclass(frozen=True)
class Fetched:
    """The commit that a reference meant, and how many of its files are only pointers to Git LFS."""

    commit: str
    pointers: int


def git_fetch(step: JobStep, scratch: Path, into: Path, *, url: str, ref: str, secret: str = "") -> Fetched:
    """Put the files of a commit into an empty folder. Raises Permanent, with the end of what git said."""
    work = _Git(step, scratch, url, secret)
    commit = work.commit(ref)
    packed = scratch / "code.tar"
    work.do("archive", "--format=tar", f"--output={packed}", commit, what="take the files out")
    tree_unpack(packed, into, links_left_out=True)
    packed.unlink()
    work.forget()
    pointers = sum(_is_pointer(path) for path in tree_files(into))
    if pointers:
        log_write(
            step, f"{pointers} files are pointers to Git LFS, whose contents the portal does not fetch."
        )
    return Fetched(commit, pointers)


class _Git:
    """A bare repository of this attempt, and the one place that it fetches from."""

    def __init__(self, step: JobStep, scratch: Path, url: str, secret: str) -> None:
        bundle, self.protocol = bundle_path(url), git_protocol(url)
        self.step, self.scratch, self.secret = step, scratch, secret
        self.url = str(bundle or url)
        self.repository = scratch / "repository.git"
        self.do("init", "--quiet", "--bare", "--template=", str(self.repository), what="begin")
        (self.repository / "info").mkdir(exist_ok=True)
        (self.repository / "info" / "attributes").write_text(_ATTRIBUTES)

    def commit(self, ref: str) -> str:
        """Fetch what a branch, tag or commit is now; its full name. Only its newest state where that is possible."""
        wanted = ref or "HEAD"
        depth = [] if self.protocol == "bundled" else ["--depth=1"]
        found, name = self._fetch(depth, wanted), "FETCH_HEAD"
        if not found.is_success and _COMMIT_START.match(ref):
            # Not every server gives a commit by its name, and none a shortened one.
            found, name = (
                self._fetch([], "+refs/heads/*:refs/all/heads/*", "+refs/tags/*:refs/all/tags/*"),
                ref,
            )
        self._check(found, f"fetch {wanted}")
        self.do("update-ref", _WANTED, f"{name}^{{commit}}", what=f"find the commit {wanted}")
        return (self.repository / _WANTED).read_text().strip()

    def forget(self) -> None:
        """Leave neither the repository nor a key to the code that runs here next."""
        shutil.rmtree(self.repository)
        (self.scratch / "home" / "git_key").unlink(missing_ok=True)

    def do(self, *arguments: str, what: str) -> None:
        self._check(self._run(*arguments, what=what), what)

    def _fetch(self, depth: list[str], *refs: str) -> Exit:
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", *depth]
        return self._run(
            "fetch", *options, "--", self.url, *refs, what=f"fetch {' '.join(refs)} of {self.url}"
        )

    def _run(self, *arguments: str, what: str) -> Exit:
        inside = [] if arguments[0] == "init" else [f"--git-dir={self.repository}"]
        command = Command(
            argv=("git", *inside, *arguments), cwd=self.scratch, env=self._env(), secrets=self._secrets(),
            limits=Limits(seconds=FETCH_SECONDS, file_bytes=PACK_BYTES, memory_bytes=MEMORY_BYTES, processes=50),
        )  # fmt: skip
        return run_command(self.step, command, label=f"git: {what}")

    def _env(self) -> dict[str, str]:
        chosen = {**_SETTINGS, "safe.directory": "*"} if self.protocol == "file" else {**_SETTINGS}
        if self.protocol in _HTTP and self.secret:
            parts = urlsplit(self.url)
            # The last one, since its value comes in as a secret.
            chosen[f"http.{parts.scheme}://{parts.netloc}/.extraHeader"] = ""
        return {
            **_network(), **_configured(chosen), "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.scratch / "home"), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false",
            "GIT_ALLOW_PROTOCOL": "file" if self.protocol == "bundled" else self.protocol,
            "GIT_SSH_COMMAND": shlex.join(self._ssh()),
        }  # fmt: skip

    def _secrets(self) -> dict[str, str]:
        """The credential, in variables that the log masks; by HTTP it is for this host alone."""
        if not self.secret:
            return {}
        said = base64.b64encode(f"x-access-token:{self.secret}".encode()).decode()
        header = {f"GIT_CONFIG_VALUE_{len(_SETTINGS)}": f"Authorization: Basic {said}"}
        return {"PORTAL_GIT_SECRET": self.secret, **(header if self.protocol in _HTTP else {})}

    def _ssh(self) -> list[str]:
        """No agent, no configuration; only hosts that the administrator named, where some are named."""
        known = settings.TRAINING_SSH_KNOWN_HOSTS
        options = {
            "BatchMode": "yes", "StrictHostKeyChecking": "yes" if known else "accept-new",
            "UserKnownHostsFile": known or str(self.scratch / "home" / "known_hosts"), "IdentityAgent": "none",
        }  # fmt: skip
        key = self.scratch / "home" / "git_key"
        if self.secret and self.protocol == "ssh":
            key.touch(mode=0o600)
            key.write_text(self.secret.strip() + "\n")
        options |= {"IdentityFile": str(key), "IdentitiesOnly": "yes"}
        return ["ssh", "-F", os.devnull, *(f"-o{name}={value}" for name, value in options.items())]

    def _check(self, found: Exit, what: str) -> None:
        if not found.is_success:
            said = found.tail[-1500:] if found.cause == "exited" else f"It was ended: {found.cause}."
            raise Permanent(f"The portal could not {what} from {self.url}. {said}".strip())


_SETTINGS = {
    "core.hooksPath": os.devnull, "fetch.recurseSubmodules": "false", "submodule.recurse": "false",
    "protocol.version": "2", "gc.auto": "0", "core.symlinks": "false", "credential.helper": "",
    "http.followRedirects": "initial", "transfer.bundleURI": "false", "core.fsmonitor": "false",
}  # fmt: skip


def _configured(values: Mapping[str, str]) -> dict[str, str]:
    env = {"GIT_CONFIG_COUNT": str(len(values))}
    for number, (name, value) in enumerate(values.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return env


def _network() -> dict[str, str]:
    """The proxies and certificates that the administrator gave this machine."""
    given = {name: value for name, value in index_settings().items() if not name.startswith("UV_")}
    return given | ({"GIT_SSL_CAINFO": given["SSL_CERT_FILE"]} if "SSL_CERT_FILE" in given else {})


def _is_pointer(path: Path) -> bool:
    if path.stat().st_size > 1024:
        return False
    with path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER

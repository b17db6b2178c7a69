#!/usr/bin/env python3
"""Runs trainings on the portal from a terminal. One file, Python 3.9 or newer, no packages (PyYAML for YAML files).

    python portal.py submit job.yaml --code . --follow    pack a folder, run it, show its log, end with its exit code
    python portal.py jobs                                 the newest trainings
    python portal.py logs ID -f                           the log of one, while it runs
    python portal.py cancel ID                            end one

The token comes from PORTAL_TOKEN or MLFLOW_TRACKING_TOKEN, the address from PORTAL_URL or MLFLOW_TRACKING_URI.
"""

import argparse
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

HOME = "http://127.0.0.1:8000"  # the portal puts its own address here
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
ENDED = ("done", "failed", "cancelled")
FAILED, CANCELLED, REFUSED = 1, 130, 2


class Refused(Exception):
    """The portal, or this program, does not do it."""


class Straight(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the token is for the portal alone."""

    def redirect_request(self, *_):
        return None


class Portal:
    """Speaks with the portal."""

    def __init__(self):
        env = os.environ
        self.url = (env.get("PORTAL_URL") or env.get("MLFLOW_TRACKING_URI") or HOME).rstrip("/")
        self.token = env.get("PORTAL_TOKEN") or env.get("MLFLOW_TRACKING_TOKEN") or ""
        if not self.url.startswith(("https://", "http://")):
            raise Refused(f"PORTAL_URL is an address that starts with https://, not {self.url}.")
        self.opener = urllib.request.build_opener(Straight)
        if not self.token:
            raise Refused(f"Set PORTAL_TOKEN to a token, which {self.url}/tokens/new makes.")

    def call(self, method, path, body=None, kind="application/json", headers=False):
        """The answer: JSON as values, anything else as bytes; with its headers where they are asked for."""
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", kind)
        for patience in (1, 2, 4, None):
            try:
                with self.opener.open(request, timeout=120) as answer:
                    raw, told = answer.read(), answer.headers
                break
            except urllib.error.HTTPError as error:
                if error.code not in (429, 502, 503, 504) or patience is None or method != "GET":
                    raise Refused(reason_of(error)) from None
            except (urllib.error.URLError, ConnectionError) as error:
                if patience is None or method != "GET":
                    raise Refused(f"{self.url} does not answer: {getattr(error, 'reason', error)}") from None
            time.sleep(patience)
        is_json = told.get_content_type().endswith("json")
        value = json.loads(raw) if is_json and raw else raw
        return (value, told) if headers else value


def reason_of(error):
    raw = error.read()
    try:
        said = json.loads(raw)
        fields = "; ".join(f"{key}: {value}" for key, value in (said.get("errors") or {}).items())
        return f"{said.get('detail', '')} {fields}".strip() or f"The portal answered {error.code}."
    except (ValueError, AttributeError):
        return f"The portal answered {error.code}."


def spec_read(path):
    """A specification from JSON or YAML; `-` reads standard input."""
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        import yaml
    except ImportError:
        raise Refused(
            f"{path} is no JSON, and PyYAML, which would read YAML, is not installed here."
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refused(f"{path} cannot be read: {error}") from None


def git_said(folder, *arguments):
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def origin_of(folder):
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


def files_of(folder):
    """The files to send: those that Git would not ignore, else all but what is never code."""
    listed = git_said(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    names = listed.split("\0") if listed else [str(path.relative_to(folder)) for path in folder.rglob("*")]
    for name in sorted(set(filter(None, names))):
        path = folder / name
        if path.is_file() and not path.is_symlink() and LEFT_OUT.isdisjoint(Path(name).parts):
            yield name, path


def packed(folder, target):
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


def upload(portal, workspace, folder):
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
    return made["id"]


def workspace_of(portal, wanted):
    if wanted:
        return wanted
    found = [each["name"] for each in portal.call("GET", "workspaces")["items"]]
    if len(found) != 1:
        raise Refused(f"Say which workspace with --workspace: {', '.join(found) or 'you are in none'}.")
    return found[0]


def value_of(text):
    """A number or a boolean where a text is one."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (int, float, bool, str)) else text


def submit(portal, options):
    spec = spec_read(options.job)
    if not isinstance(spec, dict):
        raise Refused(f"{options.job} is no object with keys such as command and code.")
    workspace = workspace_of(portal, options.workspace or spec.pop("workspace", ""))
    for said in options.parameter:
        name, equals, value = said.partition("=")
        if not equals:
            raise Refused(f"A parameter is name=value, not {said}.")
        spec.setdefault("parameters", {})[name] = value_of(value)
    if options.code is not None:
        inside = spec.get("code") or {}
        spec["code"] = {"snapshot": upload(portal, workspace, Path(options.code).resolve())}
        if "subdirectory" in inside:
            spec["code"]["subdirectory"] = inside["subdirectory"]
    made = portal.call("POST", "training-jobs", {"workspace": workspace, "spec": spec})
    say(f"training {made['id']} ({made['name']})\n{portal.url}/training/{made['id']}")
    return followed(portal, made["id"]) if options.follow else 0


def followed(portal, training_id):
    """Show the log until the training has ended; the exit code of its command."""
    offset, attempt = 0, 0
    while True:
        training = portal.call("GET", f"training-jobs/{training_id}")
        offset, attempt, is_whole = log_show(portal, training["job"], offset, attempt)
        if training["state"] in ENDED and is_whole:
            return ending(training)
        if is_whole or not training["started_at"]:
            time.sleep(0.5)


def log_show(portal, job, offset, attempt):
    """Print what is new; where to go on, and whether nothing more is there now."""
    data, told = portal.call("GET", f"jobs/{job}/logs?offset={offset}", headers=True)
    newest = int(told.get("X-Log-Attempt") or 0)
    if newest != attempt:
        if attempt:
            say(f"attempt {newest}")
        if offset:
            return 0, newest, False
    if data and isinstance(data, bytes):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    after = int(told.get("X-Log-Next-Offset") or offset)
    return after, newest, after >= int(told.get("X-Log-Size") or 0)


def ending(training):
    """Tell how it ended."""
    state = training["state"]
    say(f"{state}: {training['reason']}" if training["reason"] else state)
    if state == "done":
        return 0
    code = (training["seen"].get("exit") or {}).get("code")
    return CANCELLED if state == "cancelled" else code or FAILED


def jobs(portal, options):
    query = {"limit": str(options.number)}
    if options.workspace:
        query["workspace"] = options.workspace
    found = portal.call("GET", f"training-jobs?{urllib.parse.urlencode(query)}")["items"]
    for each in found:
        when = each["created_at"][:19].replace("T", " ")
        print(f"{each['id']}  {each['state']:9}  {when}  {each['experiment'][:24]:24}  {each['name']}")
    return 0


def logs(portal, options):
    if options.follow:
        return followed(portal, options.id)
    training, offset, attempt, is_whole = portal.call("GET", f"training-jobs/{options.id}"), 0, 0, False
    while not is_whole:
        offset, attempt, is_whole = log_show(portal, training["job"], offset, attempt)
    return 0


def cancel(portal, options):
    training = portal.call("GET", f"training-jobs/{options.id}")
    portal.call("POST", f"jobs/{training['job']}/cancellations", {"reason": options.reason})
    say(f"training {options.id} is being cancelled")
    return 0


def say(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        prog="portal", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    one = commands.add_parser("submit", help="ask for a training")
    one.add_argument("job", help="a specification as YAML or JSON; - for standard input")
    one.add_argument("--code", metavar="FOLDER", help="send this folder as the code")
    one.add_argument("--parameter", "-p", action="append", default=[], metavar="NAME=VALUE")
    one.add_argument("--workspace")
    one.add_argument(
        "--follow", "-f", action="store_true", help="show the log, end with the code of the command"
    )
    one.set_defaults(does=submit)
    one = commands.add_parser("jobs", help="list trainings")
    one.add_argument("--workspace")
    one.add_argument("--number", "-n", type=int, default=20)
    one.set_defaults(does=jobs)
    one = commands.add_parser("logs", help="show a log")
    one.add_argument("id")
    one.add_argument("-f", "--follow", action="store_true")
    one.set_defaults(does=logs)
    one = commands.add_parser("cancel", help="end a training")
    one.add_argument("id")
    one.add_argument("--reason", default="Cancelled from a terminal.")
    one.set_defaults(does=cancel)
    return parser


def main(words=None):
    options = arguments().parse_args(words)
    try:
        return options.does(Portal(), options)
    except (Refused, OSError) as no:
        say(f"portal: {no}")
        return REFUSED
    except KeyboardInterrupt:
        return CANCELLED


if __name__ == "__main__":
    sys.exit(main())

"""Trainings: ask, list, follow, cancel."""

from __future__ import annotations

import argparse
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any

from training.programs.client.sending import upload
from training.programs.client.talking import (
    CANCELLED,
    FAILED,
    ID,
    Missing,
    Portal,
    parameters_of,
    say,
    spec_read,
    workspace_of,
)

ENDED = ("done", "failed", "cancelled")


def submit(portal: Portal, options: argparse.Namespace) -> int:
    spec = spec_read(options.job, "command and code")
    workspace = workspace_of(portal, options.workspace or spec.pop("workspace", ""))
    spec["parameters"] = {**spec.get("parameters", {}), **parameters_of(options.parameter)}
    if options.code is not None:
        spec["code"] = code_sent(portal, workspace, options.code, spec.get("code"))
    made = portal.call("POST", "training-jobs", {"workspace": workspace, "spec": spec})
    say(f"training {made['id']} ({made['name']})\n{portal.url}/training/{made['id']}")
    return followed(portal, made["id"]) if options.follow else 0


def code_sent(portal: Portal, workspace: str, folder: str, said: Any) -> dict[str, str]:
    """The code of a training that is this folder, with the subdirectory that the specification names."""
    code = {"snapshot": upload(portal, workspace, Path(folder).resolve())}
    if isinstance(said, dict) and "subdirectory" in said:
        code["subdirectory"] = said["subdirectory"]
    return code


def followed(portal: Portal, training_id: str) -> int:
    """Show the log until the training has ended; the exit code of its command."""
    offset, attempt = 0, 0
    while True:
        training = portal.call("GET", f"training-jobs/{training_id}")
        offset, attempt, is_whole = log_show(portal, training["job"], offset, attempt)
        if training["state"] in ENDED and is_whole:
            return ending(training)
        if is_whole or not training["started_at"]:
            time.sleep(0.5)


def log_show(portal: Portal, job: str, offset: int, attempt: int) -> tuple[int, int, bool]:
    """Print what is new; where to go on, and whether nothing more is there now."""
    data, told = portal.call_headed("GET", f"jobs/{job}/logs?offset={offset}")
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


def ending(training: dict[str, Any]) -> int:
    """Tell how it ended."""
    state = training["state"]
    say(f"{state}: {training['reason']}" if training["reason"] else state)
    if state == "done":
        return 0
    code = (training["seen"].get("exit") or {}).get("code")
    return CANCELLED if state == "cancelled" else int(code or FAILED)


def jobs(portal: Portal, options: argparse.Namespace) -> int:
    query = {"limit": str(options.number)}
    if options.workspace:
        query["workspace"] = options.workspace
    found = portal.call("GET", f"training-jobs?{urllib.parse.urlencode(query)}")["items"]
    for each in found:
        when = each["created_at"][:19].replace("T", " ")
        print(f"{each['id']}  {each['state']:9}  {when}  {each['experiment'][:24]:24}  {each['name']}")
    return 0


def logs(portal: Portal, options: argparse.Namespace) -> int:
    if not ID.match(options.id):
        raise Missing(f"{options.id} is no id of a training.")
    if options.follow:
        return followed(portal, options.id)
    training, offset, attempt, is_whole = portal.call("GET", f"training-jobs/{options.id}"), 0, 0, False
    while not is_whole:
        offset, attempt, is_whole = log_show(portal, training["job"], offset, attempt)
    return 0

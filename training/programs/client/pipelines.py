"""Pipelines: save, run, follow, show."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from training.programs.client.talking import (
    CANCELLED,
    FAILED,
    ID,
    PAUSE_SECONDS,
    Portal,
    Refused,
    parameters_of,
    say,
    spec_read,
    text_read,
    workspace_of,
)
from training.programs.client.trainings import code_sent

RUN_CODES = {"done": 0, "failed": FAILED, "cancelled": CANCELLED}


def pipeline(portal: Portal, options: argparse.Namespace) -> int:
    if Path(options.pipeline).is_file() or options.pipeline == "-":
        pipeline_id = saved(portal, options)
    else:
        pipeline_id = known(portal, options)
    given = {"parameters": parameters_of(options.parameter), "is_cached": not options.no_cache}
    made = portal.call("POST", f"pipelines/{pipeline_id}/runs", given)
    say(
        f"run {made['id']} of {made['name']}, version {made['version']}\n"
        f"{portal.url}/training/pipeline-runs/{made['id']}"
    )
    return run_followed(portal, made["id"]) if options.follow else 0


def saved(portal: Portal, options: argparse.Namespace) -> str:
    """Save the file as a version of a pipeline; the pipeline's id."""
    workspace = workspace_of(portal, options.workspace)
    name = options.name or Path(options.pipeline).stem
    if options.pipeline == "-" and not options.name:
        raise Refused("Say with --name how the pipeline is called.")
    document: Any = text_read(options.pipeline) if options.code is None else None
    if options.code is not None:
        document = spec_read(options.pipeline, "experiment and steps")
        code = code_sent(portal, workspace, options.code, None)
        for step in dict(document.get("steps") or {}).values():
            if isinstance(step, dict) and isinstance(step.get("job"), dict):
                step["job"].setdefault("code", code)
    made = portal.call("POST", "pipelines", {"workspace": workspace, "name": name, "document": document})
    say(f"pipeline {made['pipeline']} ({name}), version {made['number']}")
    return str(made["pipeline"])


def known(portal: Portal, options: argparse.Namespace) -> str:
    """The id of a pipeline that is there, by its id or name. Raises Refused."""
    if ID.match(options.pipeline):
        return str(options.pipeline)
    query = {"workspace": options.workspace} if options.workspace else {}
    found = [each for each in portal.items("pipelines", **query) if each["name"] == options.pipeline]
    if not found:
        raise Refused(f"{options.pipeline} is neither a file here nor a pipeline that you may see.")
    if len(found) > 1:
        places = ", ".join(each["workspace"] for each in found)
        raise Refused(f"Say with --workspace which {options.pipeline} is meant: {places}.")
    return str(found[0]["id"])


def run_followed(portal: Portal, run_id: str) -> int:
    """Tell of each step whose state changes until the run is over; 0 when it is done."""
    told: dict[str, str] = {}
    while True:
        found = portal.call("GET", f"pipeline-runs/{run_id}")
        for step in found["steps"]:
            name = step_name(step)
            if told.get(name, "waiting") != step["state"]:
                told[name] = step["state"]
                print(step_line(step), flush=True)
        if found["state"] in RUN_CODES:
            say(f"{found['state']}: {found['reason']}" if found["reason"] else found["state"])
            return RUN_CODES[found["state"]]
        time.sleep(PAUSE_SECONDS)


def run_shown(portal: Portal, found: dict[str, Any]) -> None:
    """How a run stands, step by step, with the values that its steps told."""
    say(f"{found['state']}: {found['reason']}" if found["reason"] else found["state"])
    values = {}
    for step in found["steps"]:
        say(step_line(step))
        if step["training"] and step["state"] in ("done", "reused"):
            told = portal.call("GET", f"training-jobs/{step['training']}")["seen"].get("values")
            values.update({step_name(step): told} if told else {})
    print(json.dumps({"state": found["state"], "values": values}), flush=True)


def step_name(step: dict[str, Any]) -> str:
    return str(step["name"]) if step["item"] < 0 else f"{step['name']}[{step['item']}]"


def step_line(step: dict[str, Any]) -> str:
    told = f"{step_name(step):24}  {step['state']:9}  {step['training'] or ''}"
    return f"{told}  {step['reason']}".rstrip()

"""Sweeps: ask, follow, show."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from training.programs.client.talking import (
    CANCELLED,
    FAILED,
    PAUSE_SECONDS,
    Portal,
    Refused,
    say,
    spec_read,
    workspace_of,
)
from training.programs.client.trainings import code_sent

SWEEP_CODES = {"done": 0, "failed": FAILED, "stopped": CANCELLED}


def sweep(portal: Portal, options: argparse.Namespace) -> int:
    spec = spec_read(options.file, "training, space and objectives")
    workspace = workspace_of(portal, options.workspace or spec.pop("workspace", ""))
    if options.trials is not None:
        spec["budget"] = {**spec.get("budget", {}), "trials": options.trials}
    if options.code is not None:
        training = spec.get("training")
        if not isinstance(training, dict):
            raise Refused(f"{options.file} has no training to give the code to.")
        training["code"] = code_sent(portal, workspace, options.code, training.get("code"))
    made = portal.call("POST", "sweeps", {"workspace": workspace, "spec": spec})
    say(f"sweep {made['id']} ({made['name']})\n{portal.url}/training/sweeps/{made['id']}")
    return sweep_followed(portal, made["id"]) if options.follow else 0


def sweep_followed(portal: Portal, sweep_id: str) -> int:
    """Tell of each trial that ends until the sweep is over; 0 when it is done."""
    told: set[int] = set()
    while True:
        found = portal.call("GET", f"sweeps/{sweep_id}")
        ended = [trial for trial in portal.items(f"sweeps/{sweep_id}/trials") if trial["ended_at"]]
        for trial in sorted(ended, key=lambda trial: int(trial["number"])):
            if trial["number"] not in told:
                told.add(trial["number"])
                print(trial_line(found, trial), flush=True)
        if found["state"] in SWEEP_CODES:
            sweep_shown(found)
            return SWEEP_CODES[found["state"]]
        time.sleep(PAUSE_SECONDS)


def trial_line(found: dict[str, Any], trial: dict[str, Any]) -> str:
    """`trial 3  complete  loss=0.25  x=1 kind=a  (2.1 s)`"""
    metrics = [one["metric"] for one in found["spec"]["objectives"]]
    values = " ".join(f"{key}={value:.6g}" for key, value in zip(metrics, trial["values"]))
    params = " ".join(f"{key}={short(value)}" for key, value in trial["params"].items())
    parts = [f"trial {trial['number']}", f"{trial['state']:9}", values, params, f"({trial['seconds']:.1f} s)"]
    return "  ".join(part for part in [*parts, trial["reason"] if trial["state"] == "failed" else ""] if part)


def sweep_shown(found: dict[str, Any]) -> None:
    """How a sweep stands, and its best trial."""
    counts = ", ".join(f"{count} {state}" for state, count in found["trials"].items() if count)
    say(f"{found['state']}: {found['reason']}" if found["reason"] else found["state"])
    say(f"trials: {counts or 'none'}; {found['seconds']:.0f} s of training")
    best = found["best"]
    if best is None:
        say("no trial is complete, so none is the best")
        return
    metrics = [one["metric"] for one in found["spec"]["objectives"]]
    told = {"trial": best["number"], **dict(zip(metrics, best["values"])), "parameters": best["params"]}
    print(json.dumps(told), flush=True)


def short(value: Any) -> str:
    """A number with the digits that one reads."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)

"""What is done to a training, a sweep or the run of a pipeline by its id alone."""

from __future__ import annotations

import argparse
import json
from typing import Any

from training.programs.client.pipelines import run_followed, run_shown
from training.programs.client.sweeps import sweep_followed, sweep_shown
from training.programs.client.talking import ID, Missing, Portal, say
from training.programs.client.trainings import ending, followed

TRAINING, SWEEP, RUN = "training-jobs", "sweeps", "pipeline-runs"
WORDS = {TRAINING: "training", SWEEP: "sweep", RUN: "pipeline run"}


def found_by(portal: Portal, wanted: str) -> tuple[str, dict[str, Any]]:
    """What has this id, and which of the three it is. Raises Missing."""
    for kind in WORDS if ID.match(wanted) else ():
        try:
            return kind, portal.call("GET", f"{kind}/{wanted}")
        except Missing:
            continue
    raise Missing(f"No training, sweep or pipeline run that you may see has the id {wanted}.")


def follow(portal: Portal, options: argparse.Namespace) -> int:
    kind, found = found_by(portal, options.id)
    return {TRAINING: followed, SWEEP: sweep_followed, RUN: run_followed}[kind](portal, found["id"])


def show(portal: Portal, options: argparse.Namespace) -> int:
    kind, found = found_by(portal, options.id)
    if options.json:
        print(json.dumps(found, indent=2))
    elif kind == SWEEP:
        sweep_shown(found)
    elif kind == RUN:
        run_shown(portal, found)
    else:
        ending(found)
        told = {"state": found["state"], "run_id": found["run_id"], "values": found["seen"].get("values", {})}
        print(json.dumps(told))
    return 0


def cancel(portal: Portal, options: argparse.Namespace) -> int:
    kind, found = found_by(portal, options.id)
    paths = {
        TRAINING: f"jobs/{found.get('job')}/cancellations", SWEEP: f"sweeps/{found['id']}/stops",
        RUN: f"pipeline-runs/{found['id']}/cancel",
    }  # fmt: skip
    portal.call("POST", paths[kind], {"reason": options.reason})
    say(f"{WORDS[kind]} {found['id']} is being {'stopped' if kind == SWEEP else 'cancelled'}")
    return 0

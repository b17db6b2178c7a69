"""A pipeline on the live portal: real workers, real processes, folders that go from step to step."""

from typing import Any

import pytest

from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.live import waited

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
PREPARE = """python -c '
import json, os, pathlib
pathlib.Path(os.environ["PORTAL_OUTPUT_ROWS"], "rows.txt").write_text("1 2 3")
json.dump({"parts": ["north", "south"]}, open(os.environ["PORTAL_VALUES"], "w"))'"""
FIT = """python -c '
import os, pathlib, sys
rows = pathlib.Path(os.environ["PORTAL_INPUT_ROWS"], "rows.txt").read_text()
pathlib.Path(os.environ["PORTAL_OUTPUT_MODEL"], "model.txt").write_text(sys.argv[1] + " " + rows)' {part}"""
JOIN = """python -c '
import json, os, pathlib
found = sorted(pathlib.Path(os.environ["PORTAL_INPUT_MODELS"]).glob("*/model.txt"))
joined = [path.parent.name + " " + path.read_text() for path in found]
json.dump({"joined": joined}, open(os.environ["PORTAL_VALUES"], "w"))'"""
CODE: dict[str, Any] = {"code": {"bundled": "parabola"}}
DOCUMENT: dict[str, Any] = {
    "experiment": "pipelines",
    "steps": {
        "prepare": {"job": {**CODE, "command": PREPARE, "outputs": {"rows": {}}}},
        "fit": {
            "foreach": "${{ steps.prepare.values.parts }}",
            "inputs": {"rows": {"step": "prepare", "output": "rows"}},
            "job": {**CODE, "command": FIT, "parameters": {"part": "${{ item }}"}, "outputs": {"model": {}}},
        },
        "join": {"inputs": {"models": {"step": "fit", "output": "model"}}, "job": {**CODE, "command": JOIN}},
    },
}


def ended(wire: Wire, pipeline: str) -> dict[str, Any]:
    begun = wire.json("POST", f"/api/v1/pipelines/{pipeline}/runs", {})
    assert begun.status == 201, begun.body
    address = f"/api/v1/pipeline-runs/{begun.json['id']}"
    return waited(wire, address, lambda found: found["state"] != "running")


def test_folders_go_from_step_to_step_and_are_taken_again(portal_server: Portal) -> None:
    with portal_server.worker(), portal_server.wire("eve") as wire:
        given = {"workspace": "credit", "name": "live", "document": DOCUMENT}
        saved = wire.json("POST", "/api/v1/pipelines", given)
        assert saved.status == 201, saved.body
        run = ended(wire, saved.json["pipeline"])
        assert run["state"] == "done", [step["reason"] for step in run["steps"]]
        join = next(step for step in run["steps"] if step["name"] == "join")
        training = wire.json("GET", f"/api/v1/training-jobs/{join['training']}").json
        assert training["seen"]["values"] == {"joined": ["0 north 1 2 3", "1 south 1 2 3"]}
        assert training["seen"]["inputs"]["models"]["checked"] == ["before", "after"]
        again = ended(wire, saved.json["pipeline"])
        assert [step["state"] for step in again["steps"]] == ["reused"] * 4

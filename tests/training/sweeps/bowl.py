"""A sweep over code of the tests, whose three parameters reach it by a word, by a variable and by the file of all."""

from pathlib import Path
from typing import Any

from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.clusters import KEEP
from tests.training.live import waited

CODE = Path(__file__).parent / "bowl_code"
SPACE: dict[str, Any] = {
    "x": {"type": "float", "low": -2, "high": 2}, "y": {"type": "float", "low": -2, "high": 2},
    "kind": {"type": "categorical", "choices": ["b", "a"]},
}  # fmt: skip
OVER = ("done", "failed", "stopped")


def snapshot(portal: Portal) -> str:
    """The code as an upload; its id."""
    return portal.run("-c", KEEP, str(CODE)).split()[-1]


def training(upload: str, **given: Any) -> dict[str, Any]:
    """A training that hands on x as a word, y as a variable, and kind in the file only."""
    return {
        "experiment": "bowls", "code": {"snapshot": upload}, "limits": {"timeout": "3m"}, "resources": {"cpus": 1},
        "command": "python train.py --x {x} --file ${{parameters}}",
        "environment": {"requirements": [], "variables": {"BOWL_Y": "{y}"}}, **given,
    }  # fmt: skip


def asked(wire: Wire, one: dict[str, Any], **given: Any) -> Any:
    """The answer to a wish for a sweep."""
    spec = {
        "training": one, "space": SPACE, "objectives": [{"metric": "loss", "direction": "minimize"}], "seed": 11,
        **given,
    }  # fmt: skip
    return wire.json("POST", "/api/v1/sweeps", {"workspace": "credit", "spec": spec})


def played(
    wire: Wire, one: dict[str, Any], seconds: float = 180, **given: Any
) -> tuple[dict[str, Any], list[Any]]:
    """A sweep that has ended, with its trials."""
    made = asked(wire, one, **given)
    assert made.status == 201, made.body
    path = f"/api/v1/sweeps/{made.json['id']}"
    found = waited(wire, path, lambda sweep: sweep["state"] in OVER, seconds)
    return found, wire.json("GET", f"{path}/trials?limit=200").json["items"]


def loss_of(params: dict[str, Any]) -> float:
    """What the code makes of its parameters."""
    return float((params["x"] - 0.5) ** 2 + (params["y"] + 0.25) ** 2 + (params["kind"] == "b"))


def heard(trials: list[Any]) -> bool:
    """Whether each trial was run with its own parameters."""
    return all(abs(trial["values"][0] - loss_of(trial["params"])) < 1e-9 for trial in trials)

"""What the portal adds to a training: the same script by hand and through a worker, in turn, in one run.

`python -m benchmarks.training` starts a portal with one worker and runs an example project once, so that its code,
packages and environment are there. Then, round by round, it runs `python train.py` by hand, with the very interpreter
that the worker uses and logging to the same portal, and asks the portal for the same training. By hand, the time is
that of the process; through the portal it is from before the request until the job has ended, as the database says.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.servers import addresses
from tests.live.databases import beside
from tests.live.portal import Portal
from tests.live.wire import Wire

LIMIT_SECONDS = 2.0
ENDED = ("done", "failed", "cancelled")
PROJECTS = Path(__file__).resolve().parents[1] / "examples" / "projects"
PARTS = ("in the queue", "around the command", "in the command")


def main() -> None:
    options = _options()
    with (
        addresses(options.database, options.redis) as (database, redis),
        tempfile.TemporaryDirectory(prefix="benchmark-") as name,
        _portal(database, redis, Path(name)) as portal,
        portal.worker(),
        portal.wire("eve") as wire,
    ):
        by_hand = _by_hand(portal, _trained(wire, options.project), Path(name), options.project)
        by_hand()
        rounds = [(by_hand(), _trained(wire, options.project)) for _ in range(options.rounds)]
    report = _report(options.project, rounds)
    print(report)
    if options.output:
        options.output.write_text(report)
    sys.exit(int(_difference(rounds) > LIMIT_SECONDS))


def _trained(wire: Wire, project: str) -> dict[str, Any]:
    """Ask for a training and wait for its end; what the portal says about it, with `asked` and the whole `seconds`."""
    spec = {
        "experiment": "through the portal", "command": "python train.py", "code": {"bundled": project},
        "limits": {"timeout": "10m"},
    }  # fmt: skip
    asked = dt.datetime.now(dt.UTC)
    made = wire.json("POST", "/api/v1/training-jobs", {"workspace": "credit", "spec": spec})
    if made.status != 201:
        raise RuntimeError(made.body)
    while True:
        found: dict[str, Any] = wire.json("GET", f"/api/v1/training-jobs/{made.json['id']}").json
        if found["state"] in ENDED:
            break
        time.sleep(0.05)
    if found["state"] != "done":
        raise RuntimeError(found["reason"])
    ended = dt.datetime.fromisoformat(found["finished_at"])
    return {**found, "asked": asked, "seconds": (ended - asked).total_seconds()}


def _by_hand(portal: Portal, trained: dict[str, Any], folder: Path, project: str) -> Callable[[], float]:
    """Runs the script as a person would who has the environment; the seconds that it took."""
    python = folder / "data" / "jobs" / "environments" / trained["environment_digest"] / "bin" / "python"
    env = {
        "PATH": f"{python.parent}:{os.environ.get('PATH', os.defpath)}", "HOME": str(folder), "LANG": "C.UTF-8",
        "MLFLOW_TRACKING_URI": portal.uri, "MLFLOW_TRACKING_TOKEN": portal.token("eve"),
        "MLFLOW_EXPERIMENT_NAME": "by hand",
    }  # fmt: skip

    def run() -> float:
        begun = time.perf_counter()
        subprocess.run(
            [python, "train.py"], cwd=PROJECTS / project, env=env, check=True, capture_output=True, text=True
        )
        return time.perf_counter() - begun

    return run


def _parts(trained: dict[str, Any]) -> dict[str, float]:
    """Where the time of one went."""
    started, ended = (dt.datetime.fromisoformat(trained[name]) for name in ("started_at", "finished_at"))
    command = float(trained["seen"]["exit"]["seconds"])
    waited, held = (started - trained["asked"]).total_seconds(), (ended - started).total_seconds()
    return dict(zip(PARTS, (waited, held - command, command), strict=True))


def _difference(rounds: list[tuple[float, dict[str, Any]]]) -> float:
    return _median(trained["seconds"] for _, trained in rounds) - _median(hand for hand, _ in rounds)


def _report(project: str, rounds: list[tuple[float, dict[str, Any]]]) -> str:
    hands, portals = [hand for hand, _ in rounds], [trained["seconds"] for _, trained in rounds]
    parts = [_parts(trained) for _, trained in rounds]
    lines = [
        f"# Training `{project}`, warm, {len(rounds)} rounds in turn, {os.cpu_count()} cores", "",
        "| | median | least | most |", "|---|---:|---:|---:|",
        _row("by hand", hands), _row("through the portal", portals), "",
        f"The portal adds {_difference(rounds):.2f} s (limit {LIMIT_SECONDS:.0f} s); the differences of the pairs have "
        f"the median {_median(through - hand for hand, through in zip(hands, portals, strict=True)):.2f} s. "
        "Of a training, in the middle: "
        + ", ".join(f"{name} {_median(each[name] for each in parts):.2f} s" for name in PARTS)
        + ".", "", f"<!-- {json.dumps({'by_hand': hands, 'portal': portals})} -->", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(name: str, seconds: list[float]) -> str:
    return f"| {name} | {_median(seconds):.2f} s | {min(seconds):.2f} s | {max(seconds):.2f} s |"


def _median(values: Iterable[float]) -> float:
    return float(statistics.median(values))


@contextmanager
def _portal(database: str, redis: str, folder: Path) -> Iterator[Portal]:
    portal = Portal(beside(database, "training_benchmark"), redis, folder)
    try:
        yield portal
    finally:
        portal.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL"))
    parser.add_argument("--redis", default=os.environ.get("REDIS_URL"))
    parser.add_argument("--project", default="iris", help="an example that `python train.py` runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, help="write the report there, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()

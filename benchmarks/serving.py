"""Predictions through the gateway, beside the bare model process, `mlflow models serve` and MLServer.

`python -m benchmarks.serving` builds an environment for each, starts all four with the same model, and asks them in
turn, round by round, so that what else happens on the machine meets all of them: one caller for latencies, then eight
for requests a second. The gateway asks the same model process that is asked without it, checks a token, and logs every
request to PostgreSQL. Every answer is compared with what the model says itself. Rows of requests that wait may be scored
together, by ours and by MLServer; both are asked with and without that.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.servers import addresses
from benchmarks.serving_load import Seen, Target, load
from benchmarks.serving_servers import Process, environment, gateway, mlflow_serve, mlserver, model_server
from tests.live.databases import beside
from tests.template import copy_make

GATEWAY, BARE, STOCK, OTHER = "gateway", "model process alone", "mlflow models serve", "MLServer"
TOGETHER, OTHER_TOGETHER = "gateway, rows together", "MLServer, rows together"
SERVERS = (GATEWAY, TOGETHER, BARE, STOCK, OTHER, OTHER_TOGETHER)
COLUMNS, CALLERS, BATCH_ROWS = 10, 8, 64
MODELS = {
    "logistic": "LogisticRegression()",
    "forest": "RandomForestClassifier(n_estimators=100, max_depth=12, random_state=1)",
}
_MAKE = """
import sys, mlflow, numpy, pandas
from mlflow.models import infer_signature
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
draw = numpy.random.default_rng(1)
x = pandas.DataFrame(draw.normal(size=(20000, {columns})), columns=["c%d" % at for at in range({columns})])
y = (x.c0 * x.c1 + x.c2 + draw.normal(size=20000) > 0).astype(int)
model = {model}.fit(x, y)
mlflow.sklearn.save_model(model, sys.argv[1], signature=infer_signature(x, model.predict(x)), input_example=x.head(1),
    pip_requirements=[], serialization_format="cloudpickle")
"""


def main() -> None:
    options = _options()
    with addresses(None, None) as (database, redis), tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        found = {kind: _compared(kind, database, redis, Path(name), options) for kind in options.models}
        report = _report(found, options)
        print(report, flush=True)
        if options.output:
            options.output.write_text(report)
    sys.exit(int(not all(_is_met(one) for one in found.values())))


class Compared:
    """One model: what each server did in each round."""

    def __init__(self, megabytes: float) -> None:
        self.model_megabytes = megabytes
        self.single: dict[str, list[Seen]] = {}
        self.many: dict[str, list[Seen]] = {}
        self.memory: dict[str, float] = {}
        self.cpu: dict[str, list[float]] = {}
        self.start: dict[str, float] = {}
        self.loads: list[float] = []

    def p(self, name: str, share: float) -> float:
        """Milliseconds at one caller, the median of the rounds."""
        return statistics.median(_percentile(each.milliseconds, share) for each in self.single[name])

    def rate(self, name: str) -> float:
        return statistics.median(each.rate for each in self.many[name])

    @property
    def failed(self) -> int:
        return sum(
            each.failed for table in (self.single, self.many) for row in table.values() for each in row
        )


def _compared(kind: str, database: str, redis: str, folder: Path, options: argparse.Namespace) -> Compared:
    place = folder / kind
    place.mkdir()
    bins = {name: environment(options.environments, name) for name in ("portal", "mlflow", "mlserver")}
    model = place / "model"
    code = _MAKE.format(columns=COLUMNS, model=MODELS[kind])
    subprocess.run([str(bins["mlflow"] / "python"), "-c", code, str(model)], check=True, capture_output=True)
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file()) / 2**20
    found = Compared(size)
    url = beside(database, f"bench_{kind}")
    copy_make(url)
    rows = _rows(url, redis, {})
    with ExitStack() as stack:
        plain, together = rows["revisions"]["bench"], rows["revisions"]["bench-together"]
        start, portal, other = stack.enter_context, bins["portal"], bins["mlserver"]
        started = {
            BARE: start(model_server(portal, model, place / "bare.log", plain["key"])),
            TOGETHER: start(model_server(portal, model, place / "together.log", together["key"], BATCH_ROWS)),
            STOCK: start(mlflow_serve(bins["mlflow"], model, place / "mlflow.log")),
            OTHER: start(mlserver(other, model, place / "mlserver.log")),
            OTHER_TOGETHER: start(mlserver(other, model, place / "mlserver-together.log",
                                           max_batch_size=BATCH_ROWS, max_batch_time=0.002)),
        }  # fmt: skip
        served = {plain["revision"]: started[BARE][0], together["revision"]: started[TOGETHER][0]}
        addresses_of = {revision: f"http://127.0.0.1:{port}" for revision, port in served.items()}
        _rows(url, redis, {"addresses": addresses_of})
        started[GATEWAY] = start(gateway(url, redis, place / "gateway.log"))
        targets = _targets(model, {name: port for name, (port, _) in started.items()}, rows)
        _same_answers(targets)
        processes = {name: process for name, (_, process) in started.items()}
        _measure(found, targets, processes, options)
        found.memory = {name: process.megabytes for name, process in processes.items()}
        found.start = {name: process.start_seconds for name, process in processes.items()}
    return found


def _measure(
    found: Compared, targets: list[Target], processes: Mapping[str, Process], options: argparse.Namespace
) -> None:
    for target in targets:
        load(target, callers=CALLERS, seconds=1)
    for number in range(options.rounds):
        turn = targets[number % len(targets) :] + targets[: number % len(targets)]
        for target in turn:
            found.single.setdefault(target.name, []).append(load(target, callers=1, seconds=options.seconds))
        for target in turn:
            before = processes[target.name].cpu_seconds
            seen = load(target, callers=CALLERS, seconds=options.seconds)
            used = (processes[target.name].cpu_seconds - before) * 1000 / len(seen.milliseconds)
            found.many.setdefault(target.name, []).append(seen)
            found.cpu.setdefault(target.name, []).append(used)
        found.loads.append(os.getloadavg()[0])


def _targets(model: Path, ports: dict[str, int], rows: dict[str, Any]) -> list[Target]:
    split = json.loads((model / "serving_input_example.json").read_text())["dataframe_split"]
    row = [float(value) for value in split["data"][0]]
    body = json.dumps({"dataframe_split": {"columns": split["columns"], "data": [row]}}).encode()
    inputs = [
        {"name": name, "shape": [1, 1], "datatype": "FP64", "data": [value]}
        for name, value in zip(split["columns"], row, strict=True)
    ]
    tensors = json.dumps({"parameters": {"content_type": "pd"}, "inputs": inputs}).encode()
    bearer = {"Authorization": f"Bearer {rows['token']}"}
    key = {"X-Serving-Key": rows["revisions"]["bench"]["key"]}
    return [
        Target(GATEWAY, ports[GATEWAY], "/endpoints/bench/invocations", body, bearer),
        Target(TOGETHER, ports[GATEWAY], "/endpoints/bench-together/invocations", body, bearer),
        Target(BARE, ports[BARE], "/invocations", body, key),
        Target(STOCK, ports[STOCK], "/invocations", body),
        Target(OTHER, ports[OTHER], "/v2/models/model/infer", tensors),
        Target(OTHER_TOGETHER, ports[OTHER_TOGETHER], "/v2/models/model/infer", tensors),
    ]


def _same_answers(targets: list[Target]) -> None:
    """All servers must say the same about the row, or the comparison is none."""
    said = {}
    for target in targets:
        headers = {"Content-Type": "application/json", **target.headers}
        request = urllib.request.Request(f"http://127.0.0.1:{target.port}{target.path}", target.body, headers)
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own
            found = json.loads(answer.read())
        said[target.name] = found["predictions"] if "predictions" in found else found["outputs"][0]["data"]
    if len({json.dumps(each) for each in said.values()}) != 1:
        raise SystemExit(f"The servers do not agree: {said}")


def _rows(database: str, redis: str, said: dict[str, Any]) -> dict[str, Any]:
    env = {**os.environ, "DATABASE_URL": database, "REDIS_URL": redis}
    command = [sys.executable, "-m", "benchmarks.serving_rows"]
    done = subprocess.run(
        command, input=json.dumps(said), env=env, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout or "{}")


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _is_met(one: Compared) -> bool:
    return all(is_met for _, _, is_met in _goals(one))


def _goals(one: Compared) -> list[tuple[str, str, bool]]:
    """What was aimed at, what was found, and whether it holds."""
    added = one.p(GATEWAY, 0.5) - one.p(BARE, 0.5)

    def times(name: str, mine: str = GATEWAY) -> float:
        return one.rate(mine) / one.rate(name)

    return [
        ("the gateway adds less than 2 ms at p50", f"{added:.2f} ms", added < 2),
        (
            "at least 2 times the requests a second of mlflow models serve",
            f"{times(STOCK):.1f} times",
            times(STOCK) >= 2,
        ),
        ("at least 2 times those of MLServer", f"{times(OTHER):.1f} times", times(OTHER) >= 2),
        (
            "the same, both with rows scored together",
            f"{times(OTHER_TOGETHER, TOGETHER):.1f} times",
            times(OTHER_TOGETHER, TOGETHER) >= 2,
        ),
        (
            "within 15 % of the model process alone",
            f"{(1 - times(BARE)) * 100:.0f} % fewer",
            times(BARE) >= 0.85,
        ),
        ("every request answered", f"{one.failed} failed", one.failed == 0),
    ]


def _report(found: dict[str, Compared], options: argparse.Namespace) -> str:
    loads = ", ".join(f"{each:.1f}" for one in found.values() for each in one.loads)
    lines = [
        "# Predictions", "",
        f"Written by `make bench-serving` on {platform.machine()} with {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"the median of {options.rounds} rounds of {options.seconds:g} s, the servers in turn (load of the machine after "
        f"each round: {loads}).",
        "One row of ten numbers. Latencies with one caller, requests a second with eight. The load generator, the gateway and "
        "the asked server share the cores. Each server has one process; the gateway asks the model process that is also "
        "asked alone, and writes the inference log. CPU is that of the named process alone, at eight callers; where rows are "
        "scored together, it and memory are those of the model process.", "",
    ]  # fmt: skip
    for kind, one in found.items():
        lines += _table(kind, one)
    return "\n".join(lines)


def _table(kind: str, one: Compared) -> list[str]:
    lines = [
        f"## {MODELS[kind]}, {one.model_megabytes:.1f} MB", "",
        "| | requests/s | p50 | p95 | CPU a request | memory | start |", "|---|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for name in SERVERS:
        lines.append(
            f"| {name} | {one.rate(name):.0f} | {one.p(name, 0.5):.2f} ms | {one.p(name, 0.95):.2f} ms |"
            f" {statistics.median(one.cpu[name]):.2f} ms | {one.memory[name]:.0f} MB | {one.start[name]:.1f} s |"
        )
    lines += ["", "| target | found | |", "|---|---:|---|"]
    lines += [f"| {what} | {how} | {'✓' if is_met else '✗'} |" for what, how, is_met in _goals(one)]
    return [*lines, ""]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--models", nargs="+", choices=sorted(MODELS), default=["logistic", "forest"])
    parser.add_argument("--environments", type=Path, default=Path(".data/bench-environments").resolve())
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()

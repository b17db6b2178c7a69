"""A bowl whose least value is 0 at x=0.5, y=-0.25, kind=a; each parameter comes here by another way."""

import argparse
import json
import os
import time
import urllib.request
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float, required=True)
parser.add_argument("--y", type=float, default=os.environ.get("BOWL_Y"))
parser.add_argument("--kind")
parser.add_argument("--file", type=Path)
given = parser.parse_args()
told = json.loads(given.file.read_text()) if given.file else {}
kind = given.kind or told["kind"]
assert all(told.get(name, value) == value for name, value in (("x", given.x), ("y", given.y), ("kind", kind)))
loss = (given.x - 0.5) ** 2 + (given.y + 0.25) ** 2 + (kind == "b")
metric = {"key": "loss", "value": loss, "step": 0, "timestamp": time.time_ns() // 1_000_000}
request = urllib.request.Request(  # noqa: S310 - the portal
    f"{os.environ['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/runs/log-batch",
    data=json.dumps({"run_id": os.environ["MLFLOW_RUN_ID"], "metrics": [metric]}).encode(),
    headers={
        "Authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}",
        "Content-Type": "application/json",
    },
)
urllib.request.urlopen(request, timeout=60).close()  # noqa: S310

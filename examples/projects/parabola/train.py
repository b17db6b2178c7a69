"""The smallest training: a loss that can be written down, logged over HTTP by the standard library alone.

A sweep over x, n and kind finds its least value at x=0.5, n=1, kind=a. It approaches that value step by step, so that a
pruner sees early which trials are bad.
"""

import argparse
import json
import os
import time
import urllib.request


def call(path, body):
    request = urllib.request.Request(  # noqa: S310 - the portal
        f"{os.environ['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/{path}",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def loss(x, n, kind):
    return (x - 0.5) ** 2 + 0.01 * (n - 1) + (kind == "b")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", type=float, default=1.0)
    parser.add_argument("--n", type=int, default=1)
    parser.add_argument("--kind", choices=["a", "b"], default="a")
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0, help="seconds before each step")
    given = parser.parse_args()
    least = loss(given.x, given.n, given.kind)
    for step in range(1, given.steps + 1):
        time.sleep(given.pause)
        metric = {
            "key": "loss",
            "value": least + 1 / step - 1 / given.steps,
            "step": step,
            "timestamp": time.time_ns() // 1_000_000,
        }
        call("runs/log-batch", {"run_id": os.environ["MLFLOW_RUN_ID"], "metrics": [metric]})


if __name__ == "__main__":
    main()

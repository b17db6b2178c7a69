"""What the tests of executors run: no packages, a few ways to behave."""

import os
import sys
import time
from pathlib import Path

print("begun", sys.argv[1:], flush=True)
print("token", os.environ["MLFLOW_TRACKING_TOKEN"], flush=True)
print("secret", os.environ.get("DOOR"), flush=True)
if "wait" in sys.argv:
    for number in range(3000):
        print("tick", number, flush=True)
        if (Path(sys.argv[2]) / f"portal-go-{sys.argv[1]}").exists():
            break
        time.sleep(0.1)
report = Path(os.environ["PORTAL_OUTPUT_REPORT"])
report.mkdir(parents=True, exist_ok=True)
(report / "said.txt").write_text(Path("said.txt").read_text() if Path("said.txt").exists() else "nothing")
if "fail" in sys.argv:
    sys.exit(7)
print("ended", flush=True)

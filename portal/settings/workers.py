"""What the workers of jobs do: the queues that they serve, and how they leave."""

import tomllib
from pathlib import Path

from portal.settings import environment as env

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"

# Names of queues, separated by commas; `*` is every queue, those made later too.
JOB_QUEUES = env.words("JOB_QUEUES", "*")
# For how long a job that cannot simply be started again elsewhere may go on in a worker that was told to leave.
JOB_GRACE_SECONDS = env.whole("JOB_GRACE_SECONDS", 30)
# The release that runs here, as workers tell it.
RELEASE = env.text("PORTAL_RELEASE", "") or str(
    tomllib.loads(_PROJECT.read_text())["project"]["version"] if _PROJECT.exists() else "unknown"
)
# What an hour of a processor, a GPU and a GiB of memory costs; budgets of sweeps are counted by it.
TRAINING_PRICES = env.amounts_by_name("TRAINING_PRICES", cpu=0.05, gpu=1.0, gib=0.005)
TRAINING_CURRENCY = env.text("TRAINING_CURRENCY", "EUR")

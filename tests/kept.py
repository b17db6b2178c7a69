"""What is kept between test runs of one machine, as it takes long to make and depends on nothing of ours."""

import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "portal-tests"


def environments_share(jobs: Path) -> Path:
    """Have workers whose JOBS_DIR this is keep the environments of trainings among those of all test runs.

    They are named by a digest of their lock, built under a lock file, and hold the modules that Python compiled.
    """
    kept = CACHE / "environments"
    kept.mkdir(parents=True, exist_ok=True)
    jobs.mkdir(parents=True, exist_ok=True)
    (jobs / "environments").symlink_to(kept)
    return kept

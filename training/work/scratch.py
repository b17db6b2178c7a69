"""The folder in which one attempt works."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from jobs.step import JobStep

FOLDERS = ("code", "inputs", "outputs", "home")


@contextmanager
def scratch(step: JobStep) -> Iterator[Path]:
    """A folder of this attempt with the usual parts; what earlier attempts left is removed, and this at the end."""
    ours = Path(settings.JOBS_DIR) / "scratch" / step.run.pk.hex
    shutil.rmtree(ours, ignore_errors=True)
    folder = ours / str(step.attempt)
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(ours, ignore_errors=True)

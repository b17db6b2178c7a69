"""Files for measurements in a browser, as production serves them."""

import os
import subprocess
import sys
from pathlib import Path

PLACE = "benchmarks.deployed_settings"


def files_collect(folder: Path) -> None:
    """Collect the static files into the folder of a `Portal`, before it starts with the settings of `PLACE`."""
    env = {
        "DJANGO_SETTINGS_MODULE": PLACE,
        "STATIC_ROOT": str(folder / "static"),
        "DATA_DIR": str(folder / "data"),
    }
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, check=True, env=os.environ | env)

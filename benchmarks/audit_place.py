"""A database of its own for the benchmark of the audit log, and how programs are started on it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.live.databases import database_make

ROOT = Path(__file__).resolve().parents[1]


class Place:
    """A database of its own with the tables of the portal."""

    def __init__(self, url: str, redis: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        ours = ("MLFLOW_", "PYTEST_", "DJANGO_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.env = kept | {
            "DATABASE_URL": url, "REDIS_URL": redis, "DATA_DIR": str(folder), "SECRET_KEY": "x" * 50,
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev", "AUDIT_ORIGIN": "benchmark.example/audit",
            "LOG_LEVEL": "ERROR",
            "ARTIFACT_ROOT": str(folder / "artifacts"),
        }  # fmt: skip
        database_make(url)
        self.run("manage.py", "migrate", "--verbosity", "0")

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, check=True, text=True, stdout=subprocess.PIPE
        ).stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip

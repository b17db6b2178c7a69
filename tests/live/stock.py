"""The stock `mlflow server` as anybody would start it, on PostgreSQL and with artifacts served by it."""

import os
import shutil
import sys
from pathlib import Path

import psycopg

from tests.live.databases import database_drop, database_make
from tests.live.processes import Server, free_port

# Python loads a module of this name from the path of every process: the server's workers get small answers
# out at once instead of 40 ms later, so that a benchmark compares servers and not Nagle's algorithm.
_SITECUSTOMIZE = Path(__file__).parent / "nodelay"
# Experiments of the two servers get different numbers, so that a mix-up cannot go unseen.
FIRST_EXPERIMENT = 7_000_001


class Stock:
    """A running stock server with a database of its own."""

    def __init__(self, url: str, folder: Path, *, workers: int = 1, keep_database: bool = False) -> None:
        self.url = url
        self.keep_database = keep_database
        if not keep_database:
            database_make(url)
        self.port = free_port()
        self.server = Server(
            self._command(folder, workers), port=self.port, log=folder / "stock.log", env=self._env(), cwd=folder,
            health="/health",
        )  # fmt: skip
        self.server.wait_until_up()
        if not keep_database:
            self._number_experiments()

    def close(self) -> None:
        self.server.stop()
        if not self.keep_database:
            database_drop(self.url)

    def _command(self, folder: Path, workers: int) -> list[str]:
        program = shutil.which("mlflow", path=str(Path(sys.executable).parent)) or "mlflow"
        return [
            program, "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(workers),
            "--backend-store-uri", self.url.replace("postgresql://", "postgresql+psycopg://", 1),
            "--serve-artifacts", "--artifacts-destination", str(folder / "stock-artifacts"),
        ]  # fmt: skip

    @staticmethod
    def _env() -> dict[str, str]:
        ours = ("MLFLOW_", "DJANGO_", "DATABASE_URL", "REDIS_URL", "PYTEST_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return env | {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "PYTHONPATH": str(_SITECUSTOMIZE),
        }

    def _number_experiments(self) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(
                "SELECT setval('experiments_experiment_id_seq', %s, false)", [FIRST_EXPERIMENT]
            )

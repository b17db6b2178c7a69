"""`python -m portal.embedded`: the whole portal on one machine, as `make run` starts it."""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.embedded import processes
from portal.embedded.data_dir import DataDir
from portal.embedded.errors import StartRefused
from portal.embedded.ports import port_require
from portal.embedded.programs import ROOT, Programs, client_environment
from portal.embedded.servers import ADMIN_URL, postgres_service, valkey_service
from portal.embedded.supervisor import Stopping, Supervisor


@dataclass
class Start:
    """One start of the portal, step by step."""

    port: int
    data: DataDir
    began_at: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Start everything, serve until a signal asks to stop, stop everything. Raises StartRefused."""
        self.data.claim()
        port_require(self.port)
        supervisor = Supervisor(self.say)
        try:
            self._bring_up(supervisor)
            supervisor.watch()
        except Stopping:
            pass
        finally:
            self.say("stopping")
            supervisor.stop()
            self.say("all stopped")

    def say(self, text: str) -> None:
        """A line for the person at the terminal."""
        print(f"[{time.monotonic() - self.began_at:5.1f} s] {text}", flush=True)  # noqa: T201

    def _bring_up(self, supervisor: Supervisor) -> None:
        programs = Programs(
            self.data, self.port, database_url=self._database(supervisor), redis_url=self._redis(supervisor)
        )
        self.say("preparing tables and people")
        facts_path = self.data.secret_path("people.json")
        supervisor.run(
            "The preparation", [sys.executable, "-m", "scripts.prepare", str(facts_path), *self._admin()],
            log=self.data.log("prepare"), env=programs.env, cwd=ROOT,
        )  # fmt: skip
        facts = json.loads(facts_path.read_text())
        for service in programs.services():
            self.say(f"starting {service.name}")
            supervisor.start(service)
        self.say(f"the portal answers at {programs.url}")
        self._train_once(supervisor, programs, facts["token"])
        print(_banner(programs.url, facts, self.data.root), flush=True)  # noqa: T201

    def _database(self, supervisor: Supervisor) -> str:
        given = _given("DATABASE_URL")
        if given:
            return given
        self.say("starting postgres")
        url, service = postgres_service(self.data)
        supervisor.start(service)
        return url

    def _admin(self) -> list[str]:
        """The file with the address for the superuser of our own PostgreSQL."""
        return [] if _given("DATABASE_URL") else [str(self.data.secret_path(ADMIN_URL))]

    def _redis(self, supervisor: Supervisor) -> str:
        given = _given("REDIS_URL")
        if given:
            return given
        self.say("starting valkey")
        url, service = valkey_service(self.data)
        supervisor.start(service)
        return url

    def _train_once(self, supervisor: Supervisor, programs: Programs, token: str) -> None:
        done = self.data.root / "trained"
        if done.exists():
            return
        log = self.data.log("training")
        self.say(f"training the example models through the mlflow client, log: {log}")
        env = client_environment(programs.env, url=programs.url, token=token)
        try:
            supervisor.run(
                "The training", [sys.executable, "examples/train_models.py"], log=log, env=env, cwd=ROOT
            )
        except StartRefused as error:
            self.say(f"{error}\nThe portal runs on; the next start tries the training again.")
        else:
            done.touch()
            self.say(processes.tail(log, lines=1))


def _given(name: str) -> str:
    """An address from the environment, straight or from the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    return os.environ.get(name) or (Path(path).read_text().strip() if path else "")


def _banner(url: str, facts: dict[str, Any], root: Path) -> str:
    lines = [f"  {each['username']:<6} {each['password']:<34} {each['about']}" for each in facts["people"]]
    return "\n".join([
        "",
        f"Open {url}/ and sign in as",
        *lines,
        f"(made for this data folder on its first start and kept in {root / 'secrets'})",
        "",
        "Log from a script of your own:",
        f"export MLFLOW_TRACKING_URI={url} MLFLOW_TRACKING_TOKEN={facts['token']}",
        "",
        "Ctrl-C stops everything.",
    ])  # fmt: skip


def main() -> int:
    """Parse, run; the exit code is 1 when the portal could not start."""
    parser = argparse.ArgumentParser(prog="portal.embedded", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data-dir", type=Path, default=Path(".data"))
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the calling process ends")
    options = parser.parse_args()
    if options.end_with_parent:
        processes.end_with_parent()
    try:
        Start(options.port, DataDir(options.data_dir.resolve())).run()
    except StartRefused as error:
        print(f"The portal did not start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

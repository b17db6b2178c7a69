"""The node: reads what it shall hold, tends each process, and writes what it sees.

All that it needs to go on lies in the folders of the processes and in the rows: without database it tends what it
knows, and writes later what it saw; killed and started again it finds its processes by their folders.
"""

import fcntl
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from deployments.facts import GONE, READY
from deployments.models import Server, ServingNode
from deployments.node.folders import node_folder, node_lock, server_folder
from deployments.node.processes import ModelProcess, Start
from deployments.node.tending import Tended
from deployments.services.observing import SERVER, server_observe
from deployments.serving_key import serving_key
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now
from portal.kernel.errors import DomainError

log = structlog.get_logger("deployments")

LOOK_SECONDS, BUSY_SECONDS = 0.5, 0.1
BEAT_SECONDS = 2.0
STOP_SECONDS = 10.0
HEALTH_THREADS = 8
_READ = """
SELECT s.id, s.wanted, s.seen, s."order", s.port, s.pid, s.process_key, s.restarts, s.failures, s.exit_code, s.detail,
       s.revision_id
FROM deployments_server s WHERE s.node = %s AND s.seen <> 'gone'
"""
_MANIFEST = """
SELECT v.manifest FROM deployments_revision r JOIN registry_modelversion v ON v.id = r.version_id WHERE r.id = %s
"""
_FACTS = ("seen", "port", "pid", "process_key", "restarts", "failures", "exit_code", "detail")


class NodeTaken(Exception):
    """Another node of this name is at work on this machine."""


class Node:
    """All processes of a machine. Only its own thread uses it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.actor = Actor.system("deployments.node", actions=[SERVER])
        self.tended: dict[UUID, Tended] = {}
        self._written: dict[UUID, dict[str, Any]] = {}
        self._lock = self._taken()
        self._pool = ThreadPoolExecutor(HEALTH_THREADS, thread_name_prefix="health")
        self._beat_at, self._listening = 0.0, False
        self._is_away = False

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; then nothing that was held is left."""
        self._found()
        while not stop.is_set():
            self.look()
            stop.wait(BUSY_SECONDS if self._is_busy() else LOOK_SECONDS)
        self.stop()

    def look(self) -> None:
        """One pass."""
        try:
            self._read()
            self._is_away = False
        except (DatabaseError, InterfaceError) as error:
            self._away(error)
        for each in list(self.tended.values()):
            each.tend(self._pool, self._launch)
        self._write()

    def stop(self) -> None:
        """End everything, politely and all at once; what takes too long is killed by its holder."""
        for each in self.tended.values():
            each.process.signal(signal.SIGTERM)
        limit = time.monotonic() + STOP_SECONDS
        while any(each.process.is_alive for each in self.tended.values()) and time.monotonic() < limit:
            time.sleep(0.05)
        for server_id, each in self.tended.items():
            if each.process.is_alive:
                each.process.kill()
            self._told(
                server_id, each.facts | {"seen": "pending", "port": None, "pid": None, "process_key": ""}
            )
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._lock.close()

    def _taken(self) -> IO[str]:
        """The lock by which holders see that the node lives. Raises NodeTaken."""
        path = node_lock(self.name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file, limit = path.open("a"), time.monotonic() + 2
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return file
            except BlockingIOError as error:  # a holder that looks whether we live has it for a moment
                if time.monotonic() > limit:
                    raise NodeTaken(self.name) from error
                time.sleep(0.02)

    def _found(self) -> None:
        """What a node before this one has left running: it is kept, whether there is a database or not."""
        folder = node_folder(self.name) / "servers"
        for path in folder.iterdir() if folder.is_dir() else ():
            process, known = ModelProcess(path), _kept(path)
            if known is not None and process.is_alive:
                self.tended[UUID(path.name)] = Tended(process, known, is_known=False)
                log.info("found a model process", server=path.name)
            elif known is None:
                process.forget()

    def _read(self) -> None:
        self._beat()
        rows = sql.rows(_READ, (self.name,))
        for row in rows:
            self._take(row)
        listed = {row[0] for row in rows}
        for server_id in self.tended.keys() - listed:
            self._dropped(server_id)

    def _take(self, row: tuple[Any, ...]) -> None:
        server_id, wanted, order, revision_id = row[0], row[1], _plain(row[3]), row[11]
        facts = dict(zip(_FACTS, (row[2], *row[4:11]), strict=True))
        known = self.tended.get(server_id)
        if known is None or known.start.order != order:
            start = Start(order, self._manifest(revision_id), serving_key(revision_id), settings.SERVING_BIND)
            if known is None:
                process = ModelProcess(server_folder(self.name, server_id))
                known = self.tended[server_id] = Tended(process, start)
            known.start = start
        if server_id not in self._written:
            known.facts = facts | {name: known.facts[name] for name in ("seen",) if name in known.facts}
        elif facts["failures"] == 0 and self._written[server_id]["failures"] != 0:
            known.facts |= {"failures": 0, "exit_code": None}  # the target asks for it anew
            known.restart_at = 0.0
        self._written[server_id] = facts
        known.wanted = wanted

    def _manifest(self, revision_id: UUID) -> list[dict[str, Any]]:
        return list(_plain((sql.row(_MANIFEST, (revision_id,)) or ("[]",))[0] or "[]"))

    def _dropped(self, server_id: UUID) -> None:
        """Not in the rows any more: it ends, and then nothing is kept of it."""
        each = self.tended[server_id]
        each.wanted = GONE
        if not each.process.is_alive:
            each.process.forget()
            del self.tended[server_id]
            self._written.pop(server_id, None)

    def _launch(self, each: Tended) -> None:
        try:
            for name in ("python", "model"):
                if not Path(each.start.order[name]).exists():
                    raise FileNotFoundError(f"{name}: it is not on this machine, and is prepared anew")
            _keep(each.process.folder, each.start)
            each.process.start(each.start, node_lock(self.name))
        except OSError as error:
            each.not_begun(str(error))
        else:
            each.begun()

    def _write(self) -> None:
        """Tell what has changed; what cannot be told now is told at the next look."""
        for server_id, each in list(self.tended.items()):
            known = self._written.get(server_id)
            if known is not None and known != each.facts:
                self._told(server_id, each.facts)

    def _told(self, server_id: UUID, facts: dict[str, Any]) -> None:
        if server_id not in self._written:
            return
        try:
            with transaction.atomic():
                found = Server.objects.select_related("revision__endpoint").filter(pk=server_id).first()
                if found is not None:
                    server_observe(actor=self.actor, server=found, facts=facts)
            self._written[server_id] = dict(facts)
        except (DatabaseError, InterfaceError) as error:
            self._away(error)
        except DomainError as error:  # told again at the next look
            log.warning("not written", server=str(server_id), error=str(error))

    def _beat(self) -> None:
        if time.monotonic() - self._beat_at < BEAT_SECONDS:
            return
        facts = {"pid": os.getpid(), "processes": len(self.tended), "cores": len(os.sched_getaffinity(0))}
        ServingNode.objects.update_or_create(
            name=self.name, defaults={"seen_at": now(), "facts": facts},
            create_defaults={"seen_at": now(), "started_at": now(), "facts": facts},
        )  # fmt: skip
        self._beat_at = time.monotonic()

    def _away(self, error: Exception) -> None:
        if not self._is_away:
            log.warning("database does not answer", error=f"{type(error).__name__}: {error}")
        self._is_away = True
        connection.close()

    def _is_busy(self) -> bool:
        """Whether something is about to change."""
        return any(each.seen != READY or each.wanted == GONE for each in self.tended.values())


def _plain(value: Any) -> Any:
    """JSON of a column: psycopg hands it over as text where Django has said so."""
    return json.loads(value) if isinstance(value, str) else value


def _keep(folder: Path, start: Start) -> None:
    """What is needed to go on with a process while there is no database, for this user only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = {"order": start.order, "manifest": start.manifest, "key": start.key, "bind": start.bind}
    path = folder / "start.json"
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(facts))
    new.replace(path)


def _kept(folder: Path) -> Start | None:
    try:
        said = json.loads((folder / "start.json").read_text())
        return Start(said["order"], said["manifest"], said["key"], said["bind"])
    except (OSError, ValueError, KeyError):
        return None

"""Copies of every checkpoint for places outside: a folder, a bucket, or a web address that takes a POST.

Whoever holds both the database and the key could write a new past; what stands outside shows it. Each witness has a
thread of its own and a row that says how far it has got, so a place that does not answer holds up neither the
sequencer nor the others, and gets what it missed, in order, when it answers again. Nothing is replaced there: a
different checkpoint of the same size is a problem that is told, not a file that is overwritten.
"""

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
import structlog
from django.conf import settings
from django.db import connection
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url

from portal.audit.models import AuditCheckpoint, AuditWitness
from portal.kernel.clock import now

log = structlog.get_logger("audit")
IDLE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 60.0
_AT_ONCE = 50
_TIMEOUT_SECONDS = 10
_CLIENT: Any = {"allow_http": True, "connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=30)}
_RETRY: Any = {"max_retries": 1, "retry_timeout": timedelta(seconds=10)}


class NotDelivered(Exception):
    """The place did not take the checkpoint; the reason is fit to be shown."""


Deliver = Callable[[int, str], None]


def witness_name(address: str) -> str:
    """An address without credentials."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{(parts.netloc.rpartition('@')[2])}{parts.path}"


@dataclass
class Witness:
    """One place. `name` is its address without credentials."""

    name: str
    send: Deliver

    @classmethod
    def of(cls, address: str) -> "Witness":
        send = _post(address) if urlsplit(address).scheme == "https" else _put(address)
        return cls(witness_name(address), send)

    def catch_up(self) -> int:
        """Hand over what it has not got, in order; how many that were. Raises NotDelivered at the first refusal."""
        row, _ = AuditWitness.objects.get_or_create(name=self.name)
        sent = 0
        for checkpoint in AuditCheckpoint.objects.filter(size__gt=row.size).order_by("size")[:_AT_ONCE]:
            try:
                self.send(checkpoint.size, checkpoint.note)
            except NotDelivered as no:
                since = row.problem_since or now()
                AuditWitness.objects.filter(pk=row.pk).update(problem=str(no)[:300], problem_since=since)
                raise
            AuditWitness.objects.filter(pk=row.pk).update(
                size=checkpoint.size, delivered_at=now(), problem="", problem_since=None
            )
            sent += 1
        return sent


@dataclass
class Witnesses:
    """All places that the settings name."""

    all: list[Witness] = field(default_factory=list)

    @classmethod
    def of_settings(cls) -> "Witnesses":
        return cls([Witness.of(address) for address in settings.AUDIT_WITNESSES])

    def deliver(self) -> None:
        """Bring everybody up to date, once."""
        for witness in self.all:
            try:
                while witness.catch_up():
                    pass
            except NotDelivered as no:
                log.warning("checkpoint not delivered", witness=witness.name, error=str(no))

    @contextmanager
    def at_work(self, stop: threading.Event) -> Iterator[None]:
        """Deliver in the background until `stop` is set. The threads end with the process."""
        for witness in self.all:
            threading.Thread(target=_work, args=(witness, stop), name=witness.name, daemon=True).start()
        yield


def _work(witness: Witness, stop: threading.Event) -> None:
    pause = IDLE_SECONDS
    while not stop.is_set():
        try:
            sent = witness.catch_up()
        except Exception as error:  # this thread must go on, whatever a place answers or a database does
            log.warning("checkpoint not delivered", witness=witness.name, error=f"{error}")
            connection.close()
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        else:
            pause = IDLE_SECONDS
            if sent == _AT_ONCE:
                continue
        stop.wait(pause)
    connection.close()


def _put(address: str) -> Deliver:
    """Into a folder or bucket, as one file per checkpoint."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        Path(parts.path).mkdir(parents=True, exist_ok=True)
        store: Any = LocalStore(Path(parts.path))
    else:
        store = from_url(address, client_options=_CLIENT, retry_config=_RETRY)

    def send(size: int, note: str) -> None:
        path = f"{size:020d}.note"
        try:
            obstore.put(store, path, note.encode(), mode="create", use_multipart=False)
        except AlreadyExistsError:
            _compare(store, path, note)
        except (BaseError, OSError) as error:
            raise NotDelivered(f"{type(error).__name__}: {str(error)[:200]}") from error

    return send


def _compare(store: Any, path: str, note: str) -> None:
    try:
        held = bytes(obstore.get(store, path).bytes())
    except (BaseError, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {str(error)[:200]}") from error
    if held != note.encode():
        raise NotDelivered(f"It holds another checkpoint as {path}. One of the two logs is not genuine.")


def _post(address: str) -> Deliver:
    """To a web address, as text; only an answer of 2xx counts, and no redirect is followed."""
    parts = urlsplit(address)
    target = parts.path or "/"
    target += f"?{parts.query}" if parts.query else ""

    def send(size: int, note: str) -> None:
        headers = {"Content-Type": "text/plain; charset=utf-8", "X-Audit-Size": str(size)}
        if settings.AUDIT_WITNESS_TOKEN:
            headers["Authorization"] = f"Bearer {settings.AUDIT_WITNESS_TOKEN}"
        link = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
        try:
            link.request("POST", target, body=note.encode(), headers=headers)
            status = link.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise NotDelivered(f"{type(error).__name__}: {str(error)[:200]}") from error
        finally:
            link.close()
        if not 200 <= status < 300:
            raise NotDelivered(f"It answered {status}.")

    return send

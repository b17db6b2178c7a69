"""What makes a Celery worker one of ours: the queues that it listens on, its place in the registry, how it leaves.

Imported by `portal.celery` only. The registry's thread lives in the worker itself, which runs no job; it opens a
connection for each beat, so that no pool process inherits one.
"""

import signal
import threading
from collections.abc import Callable
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from django.db import connection

from jobs import bell, heartbeat, leaving, workers
from jobs.claims import ANY_QUEUE
from jobs.models import DEFAULT_QUEUE, SYSTEM_QUEUE
from jobs.workers import Worker

log = structlog.get_logger("jobs")


class Presence:
    """The worker in the registry, and its thread."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self._queues: list[str] = []
        self._consumer: Any = None
        self._stop = threading.Event()

    def listen(self, instance: Any) -> None:
        """Hear the bells of the queues that this worker serves; before the pool forks."""
        self.worker = Worker(slots=instance.concurrency)
        heartbeat.sign_as(self.worker.name)
        self._queues = _served([DEFAULT_QUEUE, SYSTEM_QUEUE])
        instance.app.amqp.queues.select([bell.address(queue) for queue in self._queues])

    def begin(self, consumer: Any) -> None:
        """The worker is up."""
        self._consumer = consumer
        threading.Thread(target=self._tell, name="presence", daemon=True).start()

    def end(self) -> None:
        """The worker is gone when this returns."""
        self._stop.set()
        if self.worker is not None:
            _tried(self.worker.leave)

    def _tell(self) -> None:
        is_in = False
        while self.worker is not None and not self._stop.is_set():
            self._look_around()
            is_in = _tried(self._beat if is_in else self._join) or is_in
            self._stop.wait(workers.BEAT_SECONDS)

    def _join(self) -> None:
        if self.worker is not None:
            self.worker.join(self._queues)

    def _beat(self) -> None:
        if self.worker is not None:
            self.worker.beat(self._queues, is_leaving=leaving.is_on())

    def _look_around(self) -> None:
        """Listen for queues that were made since."""
        for queue in _served(self._queues):
            if queue not in self._queues:
                self._queues.append(queue)
                self._consumer.call_soon(self._consumer.add_task_queue, bell.address(queue))


PRESENCE = Presence()


def _served(known: list[str]) -> list[str]:
    """What the settings say; of every queue those that are there, or `known` when the database does not answer."""
    if ANY_QUEUE not in settings.JOB_QUEUES:
        return list(settings.JOB_QUEUES)
    found: list[str] = []
    _tried(lambda: found.extend(workers.queue_names()))
    return sorted({*known, *found})


def _tried(act: Callable[[], object]) -> bool:
    """A registry that cannot be written stops no work."""
    try:
        act()
    except Exception as error:  # whatever the database does, the next beat tries again
        log.warning("registry of workers", error=f"{type(error).__name__}: {error}")
        return False
    finally:
        connection.close()
    return True


@signals.celeryd_after_setup.connect
def _set_up(instance: Any, **_: Any) -> None:
    PRESENCE.listen(instance)


@signals.worker_ready.connect
def _ready(sender: Any, **_: Any) -> None:
    PRESENCE.begin(sender)


@signals.worker_shutting_down.connect
def _leaving(**_: Any) -> None:
    leaving.begin()


@signals.worker_shutdown.connect
def _gone(**_: Any) -> None:
    PRESENCE.end()


@signals.worker_process_init.connect
def _in_the_pool(**_: Any) -> None:
    """A signal to the whole group ends the worker, which tells its processes; what they start has its own."""
    signal.signal(signal.SIGTERM, lambda *_: None)

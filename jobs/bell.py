"""The door-bell: Celery carries the id of a job to a worker of its queue, and nothing else.

It says that there is work; which job the worker takes is decided by its claim. A bell that is lost, doubled or
late is harmless: the row is the truth, and the sweeper rings again. That is why messages are acknowledged early,
results are not kept, and a broker that is down costs a caller at most about a second, once per pause.
"""

import time
from collections.abc import Iterable
from threading import Lock
from uuid import UUID

import structlog
from celery import Celery
from django.conf import settings
from kombu import Connection
from kombu.pools import producers

log = structlog.get_logger("jobs")

RING = "jobs.ring"
_PREFIX = "jobs."  # of the queues of the broker, before the name of ours
_PAUSE_SECONDS = 5.0
_PRODUCER = {
    "redis": {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1},
    "amqp": {"read_timeout": 1, "write_timeout": 1},
}
_WAIT_SECONDS = 1

app = Celery("portal", broker=settings.BROKER_URL or settings.REDIS_URL, set_as_current=False)
app.conf.update(
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    enable_utc=True,
    result_backend=None,
    task_acks_late=False,
    task_create_missing_queues=True,
    task_default_queue=f"{_PREFIX}default",
    task_ignore_result=True,
    task_serializer="json",
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
)


class _Silence:
    """Until when a broker that did not answer is left alone, so that not every request waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._until = 0.0

    def is_on(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        with self._lock:
            self._until = time.monotonic() + _PAUSE_SECONDS

    def end(self) -> None:
        with self._lock:
            self._until = 0.0


_silence = _Silence()


def address(queue: str) -> str:
    """The queue of the broker on which the workers of a queue of ours listen."""
    return f"{_PREFIX}{queue}"


def ring(job_id: UUID, queue: str) -> bool:
    """Tell a worker of the queue about a job. Never raises: False when the broker did not take the message."""
    if _silence.is_on():
        return False
    try:
        with producers[_connection()].acquire(block=True, timeout=_WAIT_SECONDS) as producer:
            app.send_task(
                RING, [str(job_id)], queue=address(queue), producer=producer, retry=False, argsrepr="",
                kwargsrepr="",
            )  # fmt: skip
    except Exception as error:  # whatever the broker does, the job is safe in its row
        _silence.begin()
        log.warning("bell not rung", job=str(job_id), error=f"{type(error).__name__}: {error}")
        return False
    return True


def ring_all(job_ids: Iterable[UUID], queue: str) -> int:
    """Ring for each until the broker refuses; how many were rung."""
    rung = 0
    for job_id in job_ids:
        if not ring(job_id, queue):
            break
        rung += 1
    return rung


def waiting(queue: str) -> int | None:
    """How many bells of a queue no worker has answered yet; None when the broker does not answer."""
    connection = _connection()
    try:
        with connection.clone() as asked, asked.channel() as channel:
            try:
                found = channel.queue_declare(address(queue), passive=True)
            except (
                asked.channel_errors
            ):  # an empty queue does not exist in Redis, nor one without workers in RabbitMQ
                found = None
    except Exception as error:  # a broker can fail in many ways, and all mean the same here
        log.warning("broker does not answer", error=f"{type(error).__name__}: {error}")
        return None
    _silence.end()
    return found.message_count if found else 0


def _connection() -> Connection:
    """The producers' connection; equal ones share a pool."""
    url = settings.BROKER_URL or settings.REDIS_URL
    options = _PRODUCER["amqp" if url.startswith("amqp") else "redis"]
    return Connection(url, connect_timeout=_WAIT_SECONDS, transport_options=dict(options))

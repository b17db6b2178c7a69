"""Celery alone on the same broker: `celery -A benchmarks.jobs_bare worker`. A task says when it began."""

import os
import time

import redis
from celery import Celery

BEGAN = "bare:began"
app = Celery("bare", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    result_backend=None,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
)
_client = redis.Redis.from_url(os.environ["REDIS_URL"])


@app.task(name="bare.noop")
def noop() -> None:
    """Leave the time in Redis, which is how the benchmark knows that it ran."""
    _client.rpush(BEGAN, str(time.time()))

"""The time, asked in one place so that a test can hold it still."""

import datetime as dt
import time


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def now_ms() -> int:
    """Milliseconds since the epoch, the unit of every time in MLflow's protocol."""
    return time.time_ns() // 1_000_000

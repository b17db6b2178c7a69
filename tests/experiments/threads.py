"""Several callers at the same moment, each with a connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in threads that start together; their answers in order. Raises what one of them raised."""
    barrier, answers, errors = threading.Barrier(len(calls)), [None] * len(calls), []

    def work(index: int) -> None:
        try:
            barrier.wait(20)
            answers[index] = calls[index]()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]
    return answers

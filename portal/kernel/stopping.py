"""Programs that run until they are told to stop."""

import signal
import threading


def stop_asked() -> threading.Event:
    """An event that SIGTERM and SIGINT set, for the main thread of a program.

    A handler runs in the main thread, between any two of its steps: while that holds the lock of the event, in `wait`,
    setting it there would wait for itself for ever. So another thread does.
    """
    stop = threading.Event()

    def ask(*_: object) -> None:
        threading.Thread(target=stop.set, name="stop").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop

"""A signal that comes while the event of stopping is locked stops the program all the same."""

import subprocess
import sys

PROGRAM = """
import os, signal
from portal.kernel.stopping import stop_asked
stop = stop_asked()
with stop._cond:  # as inside of its wait
    os.kill(os.getpid(), signal.SIGTERM)
    for _ in range(1000):
        pass
assert stop.wait(10)
"""


def test_a_signal_in_the_middle_of_waiting_is_heard() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=30)

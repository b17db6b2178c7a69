"""What happens in the new process before it becomes the command. Standard library only."""

import contextlib
import os
import resource
import signal
from pathlib import Path
from typing import Any, NoReturn

from jobs.process import kernel

_FILES_AT_MOST = 65_536


def become(spec: dict[str, Any], output: int) -> NoReturn:
    """Turn this process into the command: a session of its own, its limits, its folder and its environment."""
    try:
        os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, source in enumerate((nothing, output, output)):
            os.dup2(source, number)
        os.closerange(3, 4096)
        _limits_set(spec["limits"])
        _signals_reset()
        os.chdir(spec["cwd"])
        os.execvpe(spec["argv"][0], spec["argv"], spec["env"])  # noqa: S606 - what we are here for
    except OSError as error:
        what = error.filename or spec["argv"][0]
        code = 127 if isinstance(error, FileNotFoundError) else 126
        message = f"[portal] cannot start: {error.strerror}: {what}\n"
    except (ValueError, OverflowError) as error:
        code, message = 126, f"[portal] cannot start: {error}\n"
    with contextlib.suppress(OSError):
        os.write(2, message.encode(errors="replace"))
    os._exit(code)


def _limits_set(limits: dict[str, Any]) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES_AT_MOST)
    if limits["file_bytes"] is not None:
        _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    own = os.sched_getaffinity(0)
    if limits["cpus"] is not None and limits["cpus"] < len(own):
        # Another start for each command, so that they do not all sit on the first processors.
        order = sorted(own)
        first = os.getppid() + int.from_bytes(os.urandom(2), "big")
        chosen = {order[(first + step) % len(order)] for step in range(max(limits["cpus"], 1))}
        os.sched_setaffinity(0, chosen)
    # When the machine runs out of memory, the kernel shall end this and not a server.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (allowed, allowed))


def _signals_reset() -> None:
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])

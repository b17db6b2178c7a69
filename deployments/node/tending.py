"""What a node does about one process: start it, see whether it answers, start it again with a growing pause, end it."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

import structlog
import urllib3

from deployments.facts import FAILING, GONE, PENDING, READY, RUNNING, STARTING
from deployments.node.processes import ModelProcess, Start, log_tail
from deployments.serving_key import HEADER

log = structlog.get_logger("deployments")

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
START_SECONDS, SETTLED_SECONDS = 300.0, 60.0
HEALTH_EVERY_SECONDS, HEALTH_SECONDS, MISSES_AT_MOST = 1.0, 2.0, 3
STOP_SECONDS, MISSING_SECONDS = 45.0, 1.0
# Trying again soon cannot help: the order is wrong, or the files are not those that were approved.
REFUSALS = (2, 3)
_http = urllib3.PoolManager(maxsize=4, retries=False)


@dataclass
class Tended:
    """A process with what is known of it. `facts` are what the portal is told; `row` is what it knows."""

    process: ModelProcess
    start: Start
    wanted: str = RUNNING
    facts: dict[str, Any] = field(default_factory=dict)
    started_at: float = 0.0
    restart_at: float = 0.0
    ready_since: float | None = None
    stopping_since: float | None = None
    misses: int = 0
    health: Future[bool] | None = None
    looked_at: float = 0.0
    is_known: bool = False

    @property
    def seen(self) -> str:
        return str(self.facts.get("seen", PENDING))

    def tend(self, pool: Executor, launch: Callable[["Tended"], None]) -> None:
        """Do the next thing. Takes no time: answers are waited for elsewhere."""
        if self.wanted == GONE:
            self._end()
        elif self.process.is_alive:
            self._watch(pool)
        elif self.is_known:
            self._ended()
        elif time.monotonic() >= self.restart_at:
            launch(self)

    def begun(self) -> None:
        """It was started just now."""
        self.started_at, self.is_known, self.ready_since, self.misses = time.monotonic(), True, None, 0
        self.health = self.stopping_since = None
        self.facts |= {"port": None, "pid": None, "process_key": ""}
        if self.seen != FAILING:
            self.facts["seen"] = STARTING

    def not_begun(self, why: str) -> None:
        """What it needs is not here: that is prepared anew, and counts as no failure of the process."""
        self.restart_at = time.monotonic() + MISSING_SECONDS
        self.facts |= {"seen": FAILING, "detail": f"It could not be started: {why}"[:4000]}

    def _watch(self, pool: Executor) -> None:
        now = time.monotonic()
        if not self.is_known:  # of a node that was here before
            self.is_known, self.started_at = True, now
        pid, key = self.process.holder
        self.facts |= {"pid": pid or None, "process_key": key}
        if self.stopping_since is not None:  # it was to end, and is wanted again meanwhile
            self._end()
        elif (port := self.process.port) is None:
            if now - self.started_at > START_SECONDS:
                self.facts["detail"] = f"It did not answer within {START_SECONDS:.0f} s."
                self.process.signal(signal.SIGTERM)
        else:
            self.facts["port"] = port
            self._health(pool, port, now)

    def _health(self, pool: Executor, port: int, now: float) -> None:
        if self.health is None:
            if now - self.looked_at >= HEALTH_EVERY_SECONDS or self.ready_since is None:
                self.looked_at, self.health = now, pool.submit(answers, self.start, port)
            return
        if not self.health.done():
            return
        is_well, self.health = self.health.result(), None
        self.misses = 0 if is_well else self.misses + 1
        if is_well:
            self.ready_since = self.ready_since or now
            self.facts |= {"seen": READY, "detail": ""}
            if now - self.ready_since > SETTLED_SECONDS:
                self.facts["failures"] = 0
        elif self.misses >= MISSES_AT_MOST:
            self.facts |= {"seen": FAILING, "detail": "It does not answer any more, so it is started again."}
            self.process.kill()

    def _ended(self) -> None:
        """It is over though it is wanted: start it again after a while."""
        how, self.is_known = self.process.ended, False
        self.facts |= {"pid": None, "port": None, "process_key": ""}
        if self.stopping_since is not None or how.get("cause") in ("alone", "stopped"):
            self.stopping_since, self.restart_at = None, 0.0
            self.facts |= {"seen": STARTING, "detail": ""}
            return
        said = log_tail(self.process.folder, 1500) if not how else str(how.get("tail", "")).strip()[-1500:]
        self._failed(_why(how) + (f" It said last:\n{said}" if said else ""), how.get("code"))

    def _failed(self, detail: str, code: int | None) -> None:
        if self.ready_since is not None and time.monotonic() - self.ready_since > SETTLED_SECONDS:
            self.facts["failures"] = 0
        failures = int(self.facts.get("failures", 0)) + 1
        pause = PAUSES[-1] if code in REFUSALS else PAUSES[min(failures, len(PAUSES)) - 1]
        self.restart_at, self.ready_since = time.monotonic() + pause, None
        self.facts |= {
            "seen": FAILING, "detail": detail[:4000], "failures": failures, "exit_code": code,
            "restarts": int(self.facts.get("restarts", 0)) + 1,
        }  # fmt: skip
        log.warning(
            "model process ended", folder=self.process.folder.name, code=code, next_start_seconds=pause
        )

    def _end(self) -> None:
        """Let it finish what it is at; kill it where that takes too long."""
        now = time.monotonic()
        if not self.process.is_alive:
            self.facts |= {"seen": GONE, "port": None, "pid": None, "process_key": "", "detail": ""}
            return
        if self.stopping_since is None:
            self.stopping_since = now
            self.process.signal(signal.SIGHUP)
        elif now - self.stopping_since > STOP_SECONDS:
            self.process.kill()


def answers(start: Start, port: int) -> bool:
    """Whether the server says that it is well."""
    host = "127.0.0.1" if start.bind in ("0.0.0.0", "") else start.bind  # noqa: S104 - compared
    host = "[::1]" if start.bind == "::" else f"[{host}]" if ":" in host else host
    try:
        answer = _http.request(
            "GET", f"http://{host}:{port}/health", headers={HEADER: start.key},
            timeout=urllib3.Timeout(HEALTH_SECONDS),
        )  # fmt: skip
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200


def _why(how: dict[str, Any]) -> str:
    code, cause = how.get("code"), how.get("cause")
    if cause == "memory":
        return "It was ended since it took more memory than it may have."
    if code is None:
        return "It was killed."
    if code < 0:
        return f"It was ended by {signal.Signals(-code).name}."
    return f"It ended with code {code}."

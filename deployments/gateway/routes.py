"""What the gateway knows of endpoints: their split, their limits, and where the processes of each revision answer."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

PARTS = 10_000
_ONE_PERCENT = PARTS // 100


@dataclass(frozen=True)
class Choice:
    """A revision that gets traffic: its share in percent, and the base addresses of its ready processes."""

    revision_id: UUID
    number: int
    version: str
    model: str
    percent: int
    addresses: tuple[str, ...]
    key: str = field(repr=False)


@dataclass(frozen=True)
class Limits:
    """Of one endpoint; `requests_per_minute` is for one token, and 0 where there is no such limit."""

    body_bytes: int = 10 * 1024 * 1024
    timeout_seconds: float = 30
    concurrency: int = 64
    requests_per_minute: int = 0


@dataclass(frozen=True)
class LogPolicy:
    """How much of what an endpoint is asked is kept, for how long, and which values are left out."""

    percent: float = 100
    retention_class: str = "standard"
    redact: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """One endpoint at one `route_revision`. It stands in a workspace, so `portal.access` can be asked about it."""

    endpoint_id: UUID
    name: str
    workspace_id: int
    route_revision: int
    stopped: str | None = None
    limits: Limits = Limits()
    log: LogPolicy = LogPolicy()
    live: tuple[Choice, ...] = ()
    shadow: tuple[Choice, ...] = ()

    def drawn(self, key: str) -> Choice | None:
        """The revision for a routing key: the same one as long as the split is the same.

        A revision whose share grows keeps those whom it has, since shares lie in the order of revisions.
        """
        part, end = part_of(key), 0
        for choice in self.live:
            end += choice.percent * _ONE_PERCENT
            if part < end:
                return choice
        return None

    def copied(self, key: str) -> list[Choice]:
        """The revisions that get a copy of this request."""
        return [choice for choice in self.shadow if part_of(key) < choice.percent * _ONE_PERCENT]

    def now(self, choice: Choice) -> Choice | None:
        """The same revision as it is in this route, or None when it gets nothing here."""
        same = (each for each in (*self.live, *self.shadow) if each.revision_id == choice.revision_id)
        return next(same, None)


def part_of(key: str) -> int:
    """One of 10,000 parts, the same for the same key everywhere."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) % PARTS


def route_of(row: Mapping[str, Any], keys: Mapping[UUID, str]) -> Route:
    """A route from a row of the query in `deployments.gateway.reading`; `keys` by revision."""
    settings, choices = row["settings"], row["choices"]

    def of(role: str) -> tuple[Choice, ...]:
        mine = (each for each in choices if each["role"] == role)
        return tuple(_choice(each, keys) for each in sorted(mine, key=lambda each: int(each["number"])))

    log = settings.get("inference_log", {})
    return Route(
        row["id"], row["name"], row["workspace_id"], row["route_revision"],
        stopped=(row["stop_reason"] or "No reason was given.") if row["is_stopped"] else None,
        limits=Limits(**settings.get("limits", {})),
        log=LogPolicy(**{**log, "redact": tuple(log.get("redact", ()))}),
        live=of("live"), shadow=of("shadow"),
    )  # fmt: skip


def _choice(each: Mapping[str, Any], keys: Mapping[UUID, str]) -> Choice:
    revision_id = UUID(each["revision"])
    return Choice(
        revision_id, each["number"], str(each["version"]), each["model"], each["percent"],
        tuple(each["addresses"]), keys[revision_id],
    )  # fmt: skip


class RouteTable:
    """The routes that hold now, by name; and how many requests are at work under each `route_revision`."""

    def __init__(self) -> None:
        self.by_name: dict[str, Route] = {}
        self.is_read = False
        self._at_work: dict[UUID, dict[int, int]] = {}

    def replace(self, routes: Iterable[Route]) -> None:
        self.by_name = {route.name: route for route in routes}
        self.is_read = True

    def enter(self, route: Route) -> int:
        """A request begins; how many of this endpoint are at work now."""
        counts = self._at_work.setdefault(route.endpoint_id, {})
        counts[route.route_revision] = counts.get(route.route_revision, 0) + 1
        return sum(counts.values())

    def leave(self, route: Route) -> None:
        counts = self._at_work[route.endpoint_id]
        counts[route.route_revision] -= 1
        if not counts[route.route_revision]:
            del counts[route.route_revision]

    def at_work(self, endpoint_id: UUID) -> int:
        return sum(self._at_work.get(endpoint_id, {}).values())

    def followed(self) -> dict[UUID, int]:
        """The `route_revision` of each endpoint that is followed with nothing older at work."""
        found = {}
        for route in list(self.by_name.values()):
            older = list(self._at_work.get(route.endpoint_id, ()))
            found[route.endpoint_id] = min([route.route_revision, *older])
        return found

"""How a sequence of calls is written down: steps with names, and answers kept under names for later steps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.live.wire import Reply, Wire

_NAME = re.compile(r"\$(\w+)")
PREFIX = "/api/2.0/mlflow/"


@dataclass(frozen=True)
class Step:
    """One call. `$name` in path, query or body stands for what an earlier step saved under that name.

    `save` maps a name to the place in the answer, as `run.info.run_id`. A body of bytes is sent as it is.
    """

    note: str
    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] | Sequence[tuple[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    save: Mapping[str, str] = field(default_factory=dict)

    def send(self, wire: Wire, known: dict[str, Any]) -> Reply:
        """Send the step, with the names of this side filled in, and keep what it saves."""
        path = filled(self.path, known)
        pairs = self.query.items() if isinstance(self.query, Mapping) else self.query
        query = urlencode([(name, filled(value, known)) for name, value in pairs], doseq=True)
        target = path if path.startswith("/") else PREFIX + path
        target += f"?{query}" if query else ""
        if isinstance(self.body, bytes):
            reply = wire.send(self.method, target, self.body, self.headers)
        else:
            reply = wire.json(self.method, target, filled(self.body, known), self.headers)
        known.update({name: _at(reply.json, place) for name, place in self.save.items()})
        return reply


def post(note: str, path: str, body: Any = None, **more: Any) -> Step:
    return Step(note, "POST", path, {} if body is None else body, **more)


def get(note: str, path: str, query: Any = (), **more: Any) -> Step:
    return Step(note, "GET", path, query=query, **more)


def patch(note: str, path: str, body: Any = None, **more: Any) -> Step:
    return Step(note, "PATCH", path, {} if body is None else body, **more)


def delete(note: str, path: str, body: Any = None, **more: Any) -> Step:
    return Step(note, "DELETE", path, {} if body is None else body, **more)


def raw(note: str, path: str, body: bytes, content_type: str | None = "application/json") -> Step:
    headers = {"Content-Type": content_type} if content_type else {}
    return Step(note, "POST", path, body, headers=headers)


def experiment(name: str = "exp", **more: Any) -> Step:
    """An experiment of the sequence's own, saved under `name`."""
    body = {"name": f"$sequence {name}", **more}
    return post(f"experiment {name}", "experiments/create", body, save={name: "experiment_id"})


def run(name: str = "run", *, exp: str = "exp", start_time: int = 1_000, **more: Any) -> Step:
    """A run in the experiment `exp`, saved under `name`."""
    body = {"experiment_id": f"${exp}", "run_name": name, "start_time": start_time, **more}
    return post(f"run {name}", "runs/create", body, save={name: "run.info.run_id"})


def get_run(note: str, name: str = "run") -> Step:
    return get(note, "runs/get", {"run_id": f"${name}"})


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with every known `$name` replaced; one that is nothing but a name keeps its type."""
    if isinstance(value, str):
        whole = _NAME.fullmatch(value)
        if whole and whole[1] in known:
            return known[whole[1]]
        return _NAME.sub(lambda match: str(known.get(match[1], match[0])), value)
    if isinstance(value, Mapping):
        return {filled(key, known): filled(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, known) for item in value]
    return value


def _at(value: Any, place: str) -> Any:
    for part in place.split("."):
        if isinstance(value, list):
            value = value[int(part)] if len(value) > int(part) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value

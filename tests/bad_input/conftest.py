"""A run worth protecting, and the check that nothing was written."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg
import pytest

from tests.live.databases import row_counts
from tests.live.portal import Portal
from tests.live.wire import Reply, Wire

# Refusals are recorded, sessions and jobs have a life of their own.
_OTHERS = frozenset({"audit_auditevent", "audit_auditdetail", "django_session"})
Untouched = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Target:
    """What ann owns: an experiment with one run that has a metric, a param, a tag and a file."""

    experiment: str
    run: str
    artifacts: str


@pytest.fixture(scope="session")
def portal(portal_server: Portal) -> Portal:
    return portal_server


@pytest.fixture
def wire(portal: Portal) -> Iterator[Wire]:
    with portal.wire("ann") as connection:
        yield connection


@pytest.fixture(scope="session")
def target(portal: Portal) -> Target:
    return target_make(portal, "bad input")


def target_make(portal: Portal, name: str) -> Target:
    """Make an experiment of that name with its run."""
    with portal.wire("ann") as wire:
        api = "/api/2.0/mlflow"
        wire.json(
            "POST", f"{api}/experiments/search", {}
        )  # makes the default experiment, where there is none yet
        number = wire.json("POST", f"{api}/experiments/create", {"name": name}).json["experiment_id"]
        made = wire.json("POST", f"{api}/runs/create", {"experiment_id": number, "start_time": 1})
        run = made.json["run"]["info"]["run_id"]
        pair = [{"key": "a", "value": "1"}]
        metric = [{"key": "a", "value": 1.0, "timestamp": 1, "step": 0}]
        batch = {"run_id": run, "metrics": metric, "params": pair, "tags": pair}
        wire.json("POST", f"{api}/runs/log-batch", batch)
        path = made.json["run"]["info"]["artifact_uri"].partition(":/")[2]
        done = wire.send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{path}/file.txt", b"content")
        assert done.status == 200, done
        return Target(number, run, path)


@pytest.fixture
def untouched(portal: Portal, target: Target) -> Untouched:
    """A block after which all tables hold as many rows as before, and no act was done."""

    @contextmanager
    def block() -> Iterator[None]:
        before = row_counts(portal.url, without=_OTHERS), _acts(portal.url)
        yield
        assert (row_counts(portal.url, without=_OTHERS), _acts(portal.url)) == before

    return block


def _acts(url: str) -> int:
    with psycopg.connect(url) as connection:
        counted = connection.execute(
            "SELECT count(*) FROM audit_auditevent WHERE outcome = 'done'"
        ).fetchall()
        return int(counted[0][0])


def is_refusal(reply: Reply) -> bool:
    """A 4xx with MLflow's two fields."""
    value = reply.json
    return (
        400 <= reply.status < 500
        and isinstance(value, dict)
        and isinstance(value.get("error_code"), str)
        and isinstance(value.get("message"), str)
        and reply.headers.get("content-type", "").startswith("application/json")
    )

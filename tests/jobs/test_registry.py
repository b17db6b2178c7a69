"""Kinds of job are closed by default."""

from datetime import timedelta
from typing import Any

import pytest

from jobs.registry import JOB_KINDS, job


def handler(step: Any) -> None:
    """Does nothing."""


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("faults.new", {"actions": []}, "declares no actions"),
        (
            "faults.new",
            {"actions": ["experiments.model.digest", "no.such.action"]},
            r"unlisted actions: no\.such\.action",
        ),
        ("faults.slow", {"actions": ["jobs.job.read"]}, "declared twice"),
        ("faults.new", {"actions": ["jobs.job.read"], "max_attempts": 0}, "needs an attempt"),
        ("faults.new", {"actions": ["jobs.job.read"], "lease": timedelta(0)}, "needs an attempt"),
    ],
)
def test_a_kind_that_is_declared_badly_stops_the_start(name: str, options: Any, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        job(name, **options)(handler)
    assert "faults.new" not in JOB_KINDS


def test_a_handler_may_do_what_its_kind_lists_and_nothing_else() -> None:
    actor = JOB_KINDS["experiments.digest_model"].actor("r-1")
    assert actor.allowed == frozenset({"experiments.model.digest", "jobs.job.finish"})
    assert (actor.reference, actor.request_id) == ("system:experiments.digest_model", "r-1")

"""Random JSON at every endpoint: whatever comes, the answer is no fault of the server."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.bad_input.conftest import Target, target_make
from tests.bad_input.endpoints import routes
from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]

_NAMES = [
    "run_id",
    "run_uuid",
    "runId",
    "experiment_id",
    "experiment_ids",
    "name",
    "new_name",
    "key",
    "value",
    "timestamp",
    "step",
    "metrics",
    "params",
    "tags",
    "filter",
    "order_by",
    "max_results",
    "page_token",
    "run_view_type",
    "view_type",
    "status",
    "end_time",
    "start_time",
    "run_name",
    "artifact_location",
    "datasets",
    "models",
    "model_id",
    "model_json",
    "metric_key",
    "path",
    "run_ids",
    "dataset",
    "digest",
    "source",
    "source_type",
    "ascending",
    "field_name",
    "artifact_directory_path",
]
_SEARCHES = [
    "metrics.a > 1",
    "params.`a b` = 'x'",
    "a",
    "'",
    "name LIKE '%'",
    "tags.x IS NULL",
    "start_time DESC",
]


def _values(target: Target) -> st.SearchStrategy[Any]:
    known = st.sampled_from(
        [target.run, target.experiment, "0" * 32, "m-" + "0" * 32, "ACTIVE_ONLY", "FINISHED", *_SEARCHES]
    )
    whole = st.one_of(st.integers(), st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63), -1, 0]))
    plain = st.one_of(
        known,
        st.none(),
        st.booleans(),
        whole,
        st.floats(),
        st.text(st.characters(exclude_categories=()), max_size=20),
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6)
        ),
        max_leaves=12,
    )


@pytest.mark.parametrize("round_", range(3))
def test_random_objects(round_: int, portal: Portal) -> None:
    target = target_make(portal, f"random {round_}")  # whatever happens to it matters to no other test
    every = [
        (method, path) for method, path in routes(target) if method != "HEAD" and path.startswith("/api/")
    ]
    answered: set[int] = set()

    @seed(round_)
    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.sampled_from(every), st.dictionaries(st.sampled_from(_NAMES), _values(target), max_size=8))
    def send(route: tuple[str, str], body: dict[str, Any]) -> None:
        method, path = route
        content = json.dumps(body).encode()
        if method == "GET":
            query = "&".join(f"{name}={_quoted(value)}" for name, value in body.items())
            reply = wire.send("GET", f"{path}?{query}")
        else:
            reply = wire.send(method, path, content, {"Content-Type": "application/json"})
        answered.add(reply.status)
        # 501 is MLflow's own word for multipart transfers that a store has not.
        assert reply.status < 500 or reply.status == 501, (method, path, content, reply)

    with portal.wire("eve") as wire:
        send()
    assert 200 in answered and len(answered) > 1, "the requests are too random to reach anything"  # noqa: PT018


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))

"""The inference log: what is kept of a request, what is left out, what is lost and told, and when it ends."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from compliance.models import LegalHold
from deployments.gateway.outcomes import LIVE, Outcome
from deployments.gateway.records import QUEUE_RECORDS, Recorder
from deployments.gateway.redaction import REDACTED, request_kept, response_kept
from deployments.gateway.routes import Choice, LogPolicy, Route
from deployments.keeping import KIND
from deployments.models import Endpoint, InferenceGap, InferenceRecord
from jobs.models import JobRun
from jobs.queue import enqueue
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel import sql
from portal.kernel.clock import now
from registry.models import ModelVersion
from tests.deployments.serving import FIRST, Scene

JSON, POLICY = "application/json", LogPolicy()


@pytest.fixture
def scene(endpoint_of: Callable[..., Endpoint], versions: list[ModelVersion], cora: User) -> Scene:
    made = Scene(endpoint_of("scores"), versions, cora)
    made.revision(1)
    return made


def outcome(scene: Scene, request_id: str = "r1", *, policy: LogPolicy = POLICY, **given: Any) -> Outcome:
    route = Route(scene.endpoint.pk, "scores", scene.endpoint.workspace_id, 1, log=policy)
    choice = Choice(FIRST, 1, "1", "fraud", 100, (), "")
    body = json.dumps({"dataframe_records": [{"age": 31, "name": "Eve"}]}).encode()
    values = {
        "at": now().timestamp(), "seconds": 0.0042, "status": 200, "content_type": JSON, "request": body,
        "response": b'{"predictions": [1]}', **given,
    }  # fmt: skip
    return Outcome(route, choice, LIVE, request_id, "customer-1", "user:7", **values)


def test_a_request_is_kept_without_what_the_policy_leaves_out(scene: Scene) -> None:
    recorder = Recorder()
    recorder.add(outcome(scene, policy=LogPolicy(redact=("name",), retention_class="short")))
    recorder.write()
    row = InferenceRecord.objects.get()
    assert (row.endpoint_id, row.revision_id, row.version, row.request_id) == (
        scene.endpoint.pk,
        FIRST,
        "1",
        "r1",
    )
    assert (row.actor, row.role, row.status, row.latency_ms, row.rows) == ("user:7", "live", 200, 4.2, 1)
    assert row.request == {"dataframe_records": [{"age": 31, "name": REDACTED}]}
    assert (row.response, row.retention_class) == ({"predictions": [1]}, "short")
    assert abs(row.at - now()) < dt.timedelta(minutes=1)
    assert "customer" not in row.routing_key_hash


def test_the_sample_is_of_requests(scene: Scene) -> None:
    """The same requests whoever writes, about as many as the policy says, and none at 0 percent."""
    recorder = Recorder()
    for number in range(1000):
        recorder.add(outcome(scene, f"r{number}", policy=LogPolicy(percent=10)))
        recorder.add(outcome(scene, f"r{number}", policy=LogPolicy(percent=0)))
    recorder.write()
    first = set(InferenceRecord.objects.values_list("request_id", flat=True))
    assert 60 < len(first) < 140
    for number in range(1000):
        recorder.add(outcome(scene, f"r{number}", policy=LogPolicy(percent=10)))
    recorder.write()
    assert InferenceRecord.objects.count() == 2 * len(first)
    assert set(InferenceRecord.objects.values_list("request_id", flat=True)) == first


def test_what_does_not_fit_is_counted(scene: Scene) -> None:
    recorder = Recorder()
    kept = outcome(scene, request=b"", response=b"")
    for _ in range(QUEUE_RECORDS + 25):
        recorder.add(kept)
    recorder._queue = type(recorder._queue)([kept])  # one is enough to be written here
    recorder.write()
    gap = InferenceGap.objects.get()
    assert (gap.endpoint_id, gap.dropped, gap.why) == (scene.endpoint.pk, 25, "queue_full")
    assert b"portal_inference_log_dropped_total" in recorder.exposition()[1]
    recorder.write()
    assert InferenceGap.objects.count() == 1


def test_a_record_that_the_database_refuses_costs_no_other(scene: Scene) -> None:
    recorder = Recorder()
    recorder.add(outcome(scene, "good"))
    recorder.add(outcome(scene, "bad", policy=LogPolicy(retention_class="unheard of")))
    recorder.add(outcome(scene, "fine"))
    recorder.write()
    assert set(InferenceRecord.objects.values_list("request_id", flat=True)) == {"good", "fine"}
    assert InferenceGap.objects.get().why == "refused_by_database"


@pytest.mark.parametrize(
    ("body", "kind", "kept", "rows"),
    [
        ({"dataframe_split": {"columns": ["age", "name"], "data": [[1, "Eve"], [2, "Bo"]]}}, JSON,
         {"dataframe_split": {"columns": ["age", "name"], "data": [[1, REDACTED], [2, REDACTED]]}}, 2),
        ({"inputs": {"name": ["Eve"], "age": [1]}}, JSON, {"inputs": {"name": REDACTED, "age": [1]}}, 1),
        ({"inputs": [{"name": "name", "shape": [2], "datatype": "BYTES", "data": ["Eve", "Bo"]}]}, JSON,
         {"inputs": [{"name": "name", "shape": [2], "datatype": "BYTES", "data": REDACTED}]}, 2),
        ({"instances": [{"who": {"name": "Eve"}}]}, JSON, {"instances": [{"who": {"name": REDACTED}}]}, 1),
        ("age,name\n1,Eve\n", "text/csv",
         {"dataframe_split": {"columns": ["age", "name"], "data": [["1", REDACTED]]}}, 1),
        ('{"dataframe_records": [{"age": NaN}]}', JSON, {"dataframe_records": [{"age": None}]}, 1),
        ('{"dataframe_records": [{"age": "a\\u0000b"}]}', JSON, {"dataframe_records": [{"age": "a\ufffdb"}]}, 1),
        ("name is Eve", JSON, {"omitted_bytes": 11}, None),
        ("[" * 5000, JSON, {"omitted_bytes": 5000}, None),
    ],
)  # fmt: skip
def test_redaction_in_every_form(body: Any, kind: str, kept: Any, rows: int | None) -> None:
    data = body if isinstance(body, str) else json.dumps(body)
    found, count = request_kept(data.encode(), kind, ["name"])
    assert found is not None
    assert (json.loads(found), count) == (kept, rows)
    assert b"Eve" not in found


def test_large_requests_keep_their_first_rows() -> None:
    body = json.dumps({"dataframe_records": [{"age": number} for number in range(5000)]}).encode()
    found, rows = request_kept(body, JSON, [])
    assert rows == 5000
    assert found is not None
    assert len(json.loads(found)["dataframe_records"]) == 100
    wide = json.dumps({"dataframe_records": [{"text": "x" * 100_000}]}).encode()
    assert json.loads(request_kept(wide, JSON, [])[0] or b"") == {"omitted_bytes": len(wide)}


def test_refusals_are_kept_without_words() -> None:
    said = b'{"code": "wrong_type", "message": "Failed on Eve", "column": "age", "detail": "Eve"}'
    assert json.loads(response_kept(said, 400, []) or b"") == {"code": "wrong_type", "column": "age"}


def aged(scene: Scene, days: int, name: str) -> None:
    recorder = Recorder()
    at = (now() - dt.timedelta(days=days)).timestamp()
    recorder.add(outcome(scene, f"{name}-{days}", at=at, policy=LogPolicy(retention_class=name)))
    recorder.write()


def kept(acting: Callable[..., Actor]) -> dict[str, int]:
    enqueue(
        KIND, key="test", args={}, actor=Actor.system("test", actions=["jobs.job.enqueue"]), workspace_id=None
    )
    run_job(JobRun.objects.latest("id").pk)
    return dict(JobRun.objects.latest("id").result)


def test_each_class_ends_at_its_time_and_empty_days_go(scene: Scene, acting: Callable[..., Actor]) -> None:
    old = (now() - dt.timedelta(days=40)).date()
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE deployments_inferencerecord_{old:%Y%m%d} PARTITION OF deployments_inferencerecord"
            f" FOR VALUES FROM ('{old} 00:00+00') TO ('{old + dt.timedelta(days=1)} 00:00+00')"
        )
    for days, name in ((40, "short"), (40, "standard"), (200, "standard"), (200, "regulated"), (1, "short")):
        aged(scene, days, name)
    assert kept(acting)["records"] == 2
    assert set(InferenceRecord.objects.values_list("request_id", flat=True)) == {
        "standard-40", "regulated-200", "short-1",
    }  # fmt: skip
    InferenceRecord.objects.filter(request_id="standard-40").delete()
    assert kept(acting)["days_dropped"] == 1
    today = sql.rows(
        "SELECT to_regclass('deployments_inferencerecord_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD'))::text"
    )
    assert today[0][0] is not None


def test_nothing_of_a_workspace_on_hold_ends(scene: Scene, acting: Callable[..., Actor], cora: User) -> None:
    LegalHold.objects.create(
        workspace=scene.endpoint.workspace, subject_type="workspace",
        subject_id=str(scene.endpoint.workspace_id),
        reason="A case.", placed_by=cora, placed_at=now(),
    )  # fmt: skip
    aged(scene, 40, "short")
    assert kept(acting)["records"] == 0
    assert InferenceRecord.objects.count() == 1

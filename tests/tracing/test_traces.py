"""One trace from a request to the command of the job that it starts, and one from the gateway to the model."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.models import JobRun
from jobs.process import run as processes
from jobs.runner import run_job
from portal import sent_traces, tracing
from portal.wsgi import application
from tests.data.conftest import dataset, own_store
from tests.deployments.conftest import endpoint_of, versions
from tests.deployments.gateway_process import gateway_process
from tests.deployments.serving import Scene
from tests.kept import environments_share
from tests.registry.conftest import store, version_of
from tests.tracing.receiver import receiver

__all__ = ["dataset", "endpoint_of", "own_store", "store", "version_of", "versions"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def linked(spans: list[Any]) -> bool:
    """Whether each is the child of the one before, the first of what the caller said, and all are of its trace."""
    above = [bytes.fromhex(SPAN), *(span.span_id for span in spans)]
    return all(
        span.trace_id.hex() == TRACE and span.parent_span_id == parent
        for span, parent in zip(spans, above, strict=False)
    )


def asked(path: str, body: Any, token: str) -> tuple[str, Any]:
    """What the application answers to a request with a `traceparent`."""
    data, said = json.dumps(body).encode(), []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "testserver",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(data)), "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_TRACEPARENT": PARENT,
        "wsgi.input": io.BytesIO(data), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
    }  # fmt: skip
    found = tracing.traced(application)(environ, lambda status, *_: said.append(status))
    return said[0], json.loads(b"".join(found))


def test_a_request_its_operation_its_job_and_its_command_are_one_trace(
    dataset, ann, token_for, settings, tmp_path, monkeypatch
):
    settings.JOBS_DIR = str(tmp_path / "jobs")
    environments_share(Path(settings.JOBS_DIR))
    data, token = dataset(), token_for(ann)
    assert tracing.traced(application) is application  # as long as nobody says where traces go
    environments, spec = [], processes._spec
    monkeypatch.setattr(
        processes, "_spec", lambda *a, **k: environments.append(spec(*a, **k)["env"]) or spec(*a, **k)
    )
    with receiver() as traces:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", traces.address)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        settings.TRACES_ENDPOINT = traces.address
        sent_traces.provider_of.cache_clear()
        status, made = asked(
            f"/api/v1/datasets/credit/{data.asset.name}/versions/1/checks",
            {"rules": {"columns": {"age": {"min": 0}}}}, token,
        )  # fmt: skip
        assert status.startswith("201"), made
        job = JobRun.objects.get(kind="training.check_dataset")
        assert job.traceparent.startswith(f"00-{TRACE}-")
        run_job(job.pk)
        tracing.flush()
        names = (
            "POST /api/v1/datasets",
            "training.data_check.begin",
            "job training.check_dataset",
            "command check.py",
        )
        spans = traces.named(*names)
        settings.TRACES_ENDPOINT = ""
    assert JobRun.objects.get(pk=job.pk).state == "done"
    assert linked(spans)
    assert environments[-1][tracing.VARIABLE] == f"00-{TRACE}-{spans[-1].span_id.hex()}-01"
    assert tracing.traceparent() == ""


def test_a_request_to_the_gateway_and_its_model_are_one_trace(
    endpoint_of, versions, cora, token_for, tmp_path, settings
):
    with receiver() as traces:
        scene = Scene(endpoint_of("scores"), versions, cora)
        scene.revision(1, traces.address)
        scene.split({1: 100})
        running = gateway_process(
            tmp_path / "log", OTEL_EXPORTER_OTLP_ENDPOINT=traces.address, OTEL_BSP_SCHEDULE_DELAY="100"
        )
        try:
            token = token_for(cora)
            running.follows("scores", token)
            traces.spans.clear()
            answer = running.score("scores", 1.0, token, headers={"traceparent": PARENT})
            assert answer.status_code == 200, answer.text
            spans = traces.named("gateway POST", "model", trace=TRACE)
            told = traces.named("model queue", "model predict", trace=TRACE)
        finally:
            assert running.stop() == 0
    assert linked(spans)
    assert {span.parent_span_id for span in told} == {spans[1].span_id}
    assert [span.end_time_unix_nano - span.start_time_unix_nano for span in told] == [100_000, 200_000]
    assert spans[1].start_time_unix_nano <= told[0].start_time_unix_nano
    assert told[1].end_time_unix_nano <= spans[1].end_time_unix_nano
    assert told[1].start_time_unix_nano == told[0].end_time_unix_nano
    assert traces.headers[-1]["traceparent"].startswith(f"00-{TRACE}-")


def test_lines_of_the_log_say_of_which_trace_they_are(settings, monkeypatch):
    settings.TRACES_ENDPOINT = "http://127.0.0.1:9"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", settings.TRACES_ENDPOINT)
    with tracing.span("anything", parent=PARENT):
        assert tracing.trace_id_note(None, "info", {"event": "done"}) == {"event": "done", "trace_id": TRACE}
    assert tracing.trace_id_note(None, "info", {"event": "done"}) == {"event": "done"}
    with tracing.span("of a liar", parent="00-zz-1"):
        assert len(tracing.trace_id()) == 32

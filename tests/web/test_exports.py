"""Tables as files: every column with its type, the filters of the page, nothing of others, and little memory."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from jobs.models import JobRun
from portal.audit.models import AuditEvent
from portal.exports import CHUNK, FORMS, Column, records_answer, rows_answer
from registry.models import RegisteredModel
from tests.api.conftest import ApiClient

PAGES = ("/models", "/jobs", "/endpoints", "/datasets", "/approvals?view=all", "/audit")
LISTS = ("registered-models?workspace=credit", "jobs", "endpoints", "datasets", "approval-requests", "audit/events",
         "collections", "workspaces")  # fmt: skip


@pytest.fixture
def page():
    def get(user, address):
        client = Client()
        client.force_login(user)
        return client.get(address)

    return get


@pytest.fixture
def models(workspace, other):
    for place, name in ((workspace, "=cmd()"), (workspace, "fraud"), (other, "secret")):
        RegisteredModel.objects.create(
            workspace=place, name=name, creation_timestamp=1, last_updated_timestamp=1_700_000_000_000
        )


def body(answer):
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("form", FORMS)
def test_a_table_leaves_with_its_types_and_without_formulas(form, page, bob, models):
    answer = page(bob, f"/models?download={form}")
    assert answer["Content-Disposition"] == f'attachment; filename="models.{form}"'
    content = body(answer)
    if form == "parquet":
        table = pq.read_table(io.BytesIO(content))
        assert table.schema.field("is_prompt").type == pa.bool_()
        assert table.schema.field("last_change").type == pa.timestamp("us", tz="UTC")
        rows = table.to_pylist()
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(content.decode())))
    else:
        rows = json.loads(content) if form == "json" else [json.loads(line) for line in content.splitlines()]
    assert {row["name"] for row in rows} == {"'=cmd()" if form == "csv" else "=cmd()", "fraud"}
    assert {str(row["versions"]) for row in rows} == {"0"}


def test_the_filter_of_the_page_is_that_of_the_file(page, bob, cleo, models):
    assert b"=cmd" not in body(page(bob, "/models?q=fraud&download=csv"))
    assert b"fraud" not in body(page(cleo, "/models?download=csv"))
    assert page(bob, "/models?download=exe").status_code == 400
    left, _of_cleo = AuditEvent.objects.filter(action="portal.table.export").order_by("pk")
    assert (left.actor, left.outcome) == (f"user:{bob.pk}", "done")
    assert "download=csv" in page(bob, "/models?q=fraud").content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_every_table_leaves(address, page, ann, experiment, models):
    sign = "&" if "?" in address else "?"
    for form in FORMS:
        content = body(page(ann, f"{address}{sign}download={form}"))
        assert content or form == "ndjson"


@pytest.mark.parametrize("address", LISTS)
def test_every_list_of_the_api_leaves(address, ann, token_for, fresh_cache, models):
    client = ApiClient(token_for(ann))
    sign = "&" if "?" in address else "?"
    paged = client.get(address).json()["items"]
    lines = [json.loads(line) for line in body(client.get(f"{address}{sign}format=ndjson")).splitlines()]
    assert [line.get("id", line.get("name")) for line in lines] == [
        item.get("id", item.get("name")) for item in paged
    ]
    paged = client.get(address).json()["items"]  # anew, since each file is an event
    sheet = client.get(address, accept="text/csv")
    assert sheet["Content-Type"].startswith("text/csv")
    assert len(list(csv.reader(io.StringIO(body(sheet).decode())))) == len(paged) + 1
    paged = client.get(address).json()["items"]
    table = pq.read_table(io.BytesIO(body(client.get(f"{address}{sign}format=parquet"))))
    assert table.num_rows == len(paged)
    events = AuditEvent.objects.filter(action="portal.table.export").order_by("pk")
    assert [json.loads(bytes(event.detail.body))["changes"]["exported_as"][1] for event in events] == [
        "ndjson",
        "csv",
        "parquet",
    ]


def test_the_api_refuses_forms_that_there_are_not_and_says_so_in_json(ann, token_for, fresh_cache):
    client = ApiClient(token_for(ann))
    assert client.get("jobs?format=xml").json()["code"] == "invalid_input"
    refused = client.get("jobs?state=none", accept="text/csv")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert client.get("jobs", accept="image/png").status_code == 406


@pytest.mark.parametrize("form", FORMS)
def test_of_a_hundred_thousand_rows_few_are_held_at_once(form):
    columns = (Column("n", "integer"), Column("text"), Column("value", "number"))
    read = 0

    def rows():
        nonlocal read
        for n in range(100_000):
            read = n
            yield {"n": n, "text": f"row {n}", "value": n / 3}

    sizes = []
    for part in rows_answer("t", form, columns, rows()).streaming_content:
        sizes.append(len(part))
        assert read <= len(sizes) * CHUNK + CHUNK
    assert read == 99_999
    assert max(sizes) < 200_000


def test_what_is_no_number_in_json_is_null():
    answer = records_answer("t", "json", [("x", "number")], iter([[{"x": float("nan")}, {"x": 1.5}]]))
    assert json.loads(body(answer)) == [{"x": None}, {"x": 1.5}]


@pytest.mark.django_db
def test_jobs_leave_in_the_state_that_is_shown(page, ann, workspace):
    for state in ("failed", "queued"):
        JobRun.objects.create(
            kind="test", key=state, workspace=workspace, state=state, max_attempts=1, actor="user:1",
            actor_name="ann", **({"finished_at": "2026-01-01T00:00Z"} if state == "failed" else {}),
        )  # fmt: skip
    (row,) = json.loads(body(page(ann, "/jobs?state=failed&download=json")))
    assert (row["key"], row["finished_at"], row["asked_by"]) == ("failed", "2026-01-01T00:00:00+00:00", "ann")

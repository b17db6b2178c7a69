"""The audit log at the console: filters, pages, proofs, exports."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.audit.record import record
from portal.console.events import Wanted, events_found
from portal.console.exports import MOST_ROWS, Sheet, cell, sheet_answer
from portal.kernel.clock import now

pytestmark = pytest.mark.django_db
READ = Actor.system("tests", actions=[], request_id="test")


@pytest.fixture
def log(acting: Callable, ann, cora, workspace, other) -> list[AuditEvent]:
    """Six events of two persons in two workspaces."""
    by_ann, by_cora = acting(ann), Actor.of_user(cora, request_id="another")
    record(by_ann, "accounts.workspace.update", "done", workspace, reason="one")
    record(by_cora, "accounts.workspace.update", "denied", workspace, detail="two")
    record(by_cora, "accounts.membership.add", "refused", other, detail="three")
    record(by_ann, "accounts.membership.add", "done", other, reason="four")
    record(by_ann, "accounts.membership.remove", "done", cora, reason="=1+1")
    record(by_cora, "experiments.run.create", "denied", None, detail="six")
    return list(AuditEvent.objects.order_by("id"))


def found(**wanted):
    return [row.said.id for row in events_found(READ, Wanted(**wanted), limit=50)]


def test_each_filter_finds_its_events(log, ann, workspace, other):
    ids = [event.pk for event in log]
    assert found() == ids[::-1]
    assert found(actor=f"user:{ann.pk}") == [ids[4], ids[3], ids[0]]
    assert found(action="accounts.membership.add") == [ids[3], ids[2]]
    assert found(outcome="denied") == [ids[5], ids[1]]
    assert found(workspace_id=other.pk) == [ids[3], ids[2]]
    assert found(request_id="another") == [ids[5], ids[2], ids[1]]
    assert found(object_type="workspace", object_id=str(workspace.pk)) == [ids[1], ids[0]]
    assert found(object_type="workspace") == [ids[3], ids[2], ids[1], ids[0]]
    assert found(outcome="denied", action="experiments.run.create") == [ids[5]]


def test_a_range_of_time_is_exact(log):
    third, fifth = log[2].recorded_at, log[4].recorded_at
    assert found(since=third, until=fifth) == [log[3].pk, log[2].pk]
    assert found(since=fifth) == [log[5].pk, log[4].pk]
    assert found(until=log[0].recorded_at) == []
    assert found(since=now() + dt.timedelta(days=1)) == []
    assert found(until=now() - dt.timedelta(days=400)) == []


def test_a_clock_that_was_set_back_hides_nothing(log, workspace):
    """Half an hour back, as no trigger allows within a moment: the rows are written past it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL")
        cursor.execute(
            "INSERT INTO audit_auditevent (uuid, recorded_at, payload, actor, action, outcome, object_type, object_id,"
            " request_id) SELECT gen_random_uuid(), clock_timestamp() - make_interval(mins => m), '{}',"
            " 'user:1', 'a.b.c', 'done', 'x', '1', 'back' FROM unnest(ARRAY[10, 40, 20, 50, 30])"
            " WITH ORDINALITY AS t(m, n) ORDER BY n"
        )
    since, until = now() - dt.timedelta(minutes=45), now() - dt.timedelta(minutes=15)
    rows = events_found(READ, Wanted(request_id="back", since=since, until=until), limit=10)
    assert len(rows) == 3


def test_pages_follow_one_another_without_counting(entered, aude, workspace, happen_many):
    happen_many(60)
    client = entered(aude)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first = client.get(reverse("console-audit"))
    assert not [each["sql"] for each in queries if "COUNT(" in each["sql"].upper()]
    assert first.context["next_token"]
    second = client.get(reverse("console-audit"), {"page_token": first.context["next_token"]})
    ids = [row.said.id for page in (first, second) for row in page.context["rows"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(set(ids)) == AuditEvent.objects.count()


@pytest.fixture
def happen_many(workspace):
    def many(count):
        for number in range(count):
            record(READ, "accounts.workspace.update", "done", workspace, reason=f"number {number}")

    return many


def test_rows_show_their_place_and_their_checkpoint(entered, aude, log, placed):
    rows = events_found(READ, Wanted(), limit=10)
    assert {(row.index, row.checkpoint) for row in rows} == {(None, None)}
    placed()
    rows = events_found(READ, Wanted(), limit=10)
    assert sorted(row.index for row in rows) == list(range(6))
    assert {row.checkpoint for row in rows} == {6}
    assert "in checkpoint 6" in entered(aude).get(reverse("console-audit")).content.decode()


def test_people_and_objects_are_named_as_people_write_them(entered, aude, log, ann, other):
    client, page = entered(aude), reverse("console-audit")
    shown = lambda **query: len(client.get(page, query).context["rows"])  # noqa: E731
    assert shown(actor="ANN") == 3
    assert shown(object=f"workspace:{other.pk}") == 2
    assert shown(workspace="other") == 2
    assert shown(outcome="refused") == 1


@pytest.mark.parametrize(
    "query",
    [{"actor": "nobody-of-this-name"}, {"object": "../../x"}, {"action": "no.such.act"}, {"outcome": "maybe"},
     {"workspace": "nowhere"}, {"since": "yesterday"}, {"until": "99999-01-01T00:00"},
     {"actor": "user:99999999999999999999"}, {"since": "0001-01-01T00:00"}],
)  # fmt: skip
def test_filters_that_cannot_be_read_say_so(entered, aude, log, query):
    answer = entered(aude).get(reverse("console-audit"), query)
    assert answer.status_code == 200
    if "0001" not in str(query):
        assert answer.context["form"].errors
        assert answer.context["rows"] == []
    assert entered(aude).get(reverse("console-audit-export"), query | {"format": "csv"}).status_code in (
        200,
        400,
    )


@pytest.mark.parametrize("token", ["x", "-1", "9" * 30, "\uff11\uff12"])
def test_a_page_token_of_another_list(entered, aude, token):
    assert entered(aude).get(reverse("console-audit"), {"page_token": token}).status_code == 400


def test_an_event_with_its_proof(entered, aude, olga, log, placed):
    client, event = entered(aude), log[0]
    assert client.get(reverse("console-receipt", args=[event.uuid])).status_code == 409
    placed()
    shown = client.get(reverse("console-event", args=[event.uuid])).content.decode()
    assert bytes(event.leaf_hash).hex() in shown
    answer = client.get(reverse("console-receipt", args=[event.uuid]))
    assert json.loads(answer.content)["index"] == 0
    assert "attachment" in answer["Content-Disposition"]
    reads = AuditEvent.objects.filter(action="console.event.read", actor=f"user:{aude.pk}")
    assert reads.count() == 2
    entered(olga).get(reverse("console-event", args=[event.uuid]))
    assert not AuditEvent.objects.filter(action="console.event.read", actor=f"user:{olga.pk}").exists()


def test_exports_hold_what_matches_and_are_noted(entered, aude, log):
    client, address = entered(aude), reverse("console-audit-export")
    text = b"".join(client.get(address, {"format": "csv", "outcome": "done"}).streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in rows] == [str(log[each].pk) for each in (4, 3, 0)]
    assert rows[0]["reason"] == "'=1+1"
    said = json.loads(
        b"".join(client.get(address, {"format": "json", "outcome": "denied"}).streaming_content)
    )
    assert [row["id"] for row in said["rows"]] == [log[5].pk, log[1].pk]
    assert said["is_complete"] is True
    paper = PdfReader(io.BytesIO(client.get(address, {"format": "pdf"}).content))
    assert "accounts.membership.remove" in "".join(paper.pages[0].extract_text().split())
    noted = AuditEvent.objects.filter(action="console.record.export", actor=f"user:{aude.pk}")
    assert noted.count() == 3
    assert client.get(address, {"format": "xlsx"}).status_code == 400


def test_exports_say_when_rows_are_left_out(monkeypatch):
    monkeypatch.setitem(MOST_ROWS, "csv", 3)
    monkeypatch.setitem(MOST_ROWS, "json", 3)
    sheet = lambda count: Sheet("x", "X", ("a",), [(number,) for number in range(count)])  # noqa: E731
    body = lambda count, kind: b"".join(sheet_answer(sheet(count), kind).streaming_content).decode()  # noqa: E731
    assert "More rows match" in body(4, "csv")
    assert "More rows match" not in body(3, "csv")
    assert json.loads(body(4, "json"))["is_complete"] is False
    assert json.loads(body(3, "json"))["is_complete"] is True


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1", "\uff1d1"])
def test_no_cell_is_a_formula(text):
    assert cell(text).startswith("'")


def test_numbers_stay_numbers_and_words_stay_words():
    assert cell(-1.5) == -1.5
    assert cell("run") == "run"
    assert cell(dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)) == "2026-01-02T03:04:05.000Z"

"""Reports: versions that stay, who writes and who reads, live parts, the PDF."""

import io

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client
from pypdf import PdfReader

from experiments.batch import Metrics
from experiments.models import Report, ReportVersion, Run
from experiments.selectors.reports import report_parts
from experiments.services.batches import metrics_log
from experiments.services.reports import report_create, report_delete, report_restore, report_write
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.api.conftest import ApiClient
from tests.audit.events import recorded

pytestmark = pytest.mark.django_db
BLOCK = (
    "# Findings\n\nBefore\n\n```runs\n/runs/compare?run={run}&show={show}\n```\n\nafter <script>x</script>\n"
)


@pytest.fixture
def report(acting, cora, workspace):
    return report_create(actor=acting(cora), workspace=workspace, title="First look", body="text")


def test_each_save_is_a_version(report, acting, ann):
    report_write(actor=acting(ann), report=report, title="Second look", body="more", expected_number=1)
    assert list(ReportVersion.objects.values_list("number", "title", "body").order_by("number")) == [
        (1, "First look", "text"), (2, "Second look", "more")]  # fmt: skip
    assert recorded()[-2:] == [("experiments.report.create", "done"), ("experiments.report.write", "done")]


def test_a_stale_edit_is_refused(report, acting, ann, cora):
    report_write(actor=acting(ann), report=report, title="t", body="ann", expected_number=1)
    with pytest.raises(Conflict, match="at version 2, not 1") as no:
        report_write(actor=acting(cora), report=report, title="t", body="cora", expected_number=1)
    assert no.value.code == "stale"
    assert ReportVersion.objects.count() == 2


def test_a_viewer_writes_nothing(report, acting, bob, workspace):
    for change in (
        lambda: report_create(actor=acting(bob), workspace=workspace, title="t", body=""),
        lambda: report_write(actor=acting(bob), report=report, title="t", body=""),
        lambda: report_delete(actor=acting(bob), report=report),
    ):
        with pytest.raises(PermissionDenied):
            change()
    assert ReportVersion.objects.count() == 1
    assert AuditEvent.objects.filter(outcome="denied").count() == 3


def test_a_deleted_report_is_written_no_more(report, acting, cora):
    report_delete(actor=acting(cora), report=report)
    with pytest.raises(Conflict, match="is deleted"):
        report_write(actor=acting(cora), report=report, title="t", body="")
    assert not Report.objects.get().is_active


@pytest.mark.parametrize(("title", "body"), [(" ", ""), ("x" * 201, ""), ("t", "x" * 200_001), ("t", "\0")])
def test_what_is_no_report_is_refused(acting, cora, workspace, title, body):
    with pytest.raises(InvalidInput) as no:
        report_create(actor=acting(cora), workspace=workspace, title=title, body=body)
    assert no.value.code == "invalid_report"


@pytest.mark.parametrize(
    "change", ["UPDATE experiments_reportversion SET body = 'x'", "DELETE FROM experiments_reportversion"]
)
def test_postgresql_keeps_versions(report, change):
    with (
        pytest.raises((ProgrammingError, InternalError), match="stays as it is"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_parts_of_a_text():
    parts = report_parts(
        BLOCK.format(run="a", show="charts") + "```runs\nhttps://elsewhere.example/\n```\n```python\nx\n```\n"
    )
    assert [bool(part.prose) for part in parts] == [True, False, True, False, True]
    assert parts[1].query == "run=a&show=charts"
    assert "address of a comparison" in parts[3].problem


def written(acting, cora, workspace, run, show):
    points = range(50)
    given = Metrics(["loss"] * 50, [1 / (n + 1) for n in points], list(points), list(points))
    metrics_log(
        actor=Actor.system("tests", actions={"experiments.run.log"}), run_id=run.pk.hex, metrics=given
    )
    return report_create(
        actor=acting(cora), workspace=workspace, title="Look", body=BLOCK.format(run=run.pk.hex, show=show)
    )


@pytest.mark.parametrize(
    ("show", "sign"), [("charts", b'<run-chart key="loss"'), ("values", b"Metrics that are alike")]
)
def test_live_parts_show_the_runs_as_they_are(client: Client, acting, cora, bob, workspace, run, show, sign):
    report = written(acting, cora, workspace, run, show)
    client.force_login(bob)
    html = client.get(f"/reports/{report.pk}").content
    assert sign in html
    assert b"<script>x" not in html
    text = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(client.get(f"/reports/{report.pk}/pdf").content)).pages
    )
    assert "Findings" in text
    assert "loss" in text


def test_runs_that_the_reader_may_not_see_are_not_in_a_report(
    client: Client, acting, cora, ann, workspace, new_run, other
):
    hidden = new_run(name="hidden-run")
    Run.objects.filter(pk=hidden.pk).update(workspace=other)
    report = written(acting, cora, workspace, hidden, "values")
    client.force_login(ann)
    assert b"hidden-run" not in client.get(f"/reports/{report.pk}").content
    assert b"may not see them" in client.get(f"/reports/{report.pk}").content


def test_who_is_outside_sees_no_report(client: Client, report, cleo):
    client.force_login(cleo)
    for path in ("", "/edit", "/pdf"):
        assert client.get(f"/reports/{report.pk}{path}").status_code == 404
    assert b"First look" not in client.get("/reports").content


def test_written_in_the_browser(client: Client, cora, workspace):
    client.force_login(cora)
    assert b"/runs/compare?run=a" in client.get("/reports/new", {"about": "run=a"}).content
    made = client.post("/reports/new", {"title": "Web", "body": "a\r\nb", "workspace": workspace.pk})
    assert made.status_code == 302
    assert ReportVersion.objects.get().body == "a\nb"
    again = {"title": "Web", "body": "c", "number": 1}
    assert client.post(f"{made.url}/edit", again).status_code == 302
    assert b"somebody else wrote it" in client.post(f"{made.url}/edit", again).content
    assert client.get(made.url, {"version": "1"}).status_code == 200
    assert client.get(made.url, {"version": "9"}).status_code == 404
    assert client.get(made.url, {"version": "x"}).status_code == 400


def test_an_older_version_comes_back_as_the_next_one(report, acting, cora, bob):
    report_write(actor=acting(cora), report=report, title="Second look", body="more")
    restored = report_restore(actor=acting(cora), report=report, number=1, expected_number=2)
    said = list(ReportVersion.objects.values_list("number", "title", "body").order_by("number"))
    assert said == [(1, "First look", "text"), (2, "Second look", "more"), (3, "First look", "text")]
    assert (restored.number, restored.title) == (3, "First look")
    assert recorded()[-1] == ("experiments.report.restore", "done")
    for number, seen, code in ((3, None, "newest"), (1, 2, "stale"), (9, None, "not_found")):
        with pytest.raises((Conflict, NotFound)) as no:
            report_restore(actor=acting(cora), report=restored, number=number, expected_number=seen)
        assert no.value.code == code
    with pytest.raises(PermissionDenied):
        report_restore(actor=acting(bob), report=restored, number=1)


def test_the_api_does_what_the_pages_do(report, token_for, fresh_cache, cora, bob, cleo, workspace):
    writer, reader, outsider = (ApiClient(token_for(who)) for who in (cora, bob, cleo))
    made = writer.post("reports", {"workspace": "credit", "title": "Third", "body": "one\n"}).json()
    address = f"reports/{made['id']}"
    assert (made["number"], made["is_deleted"], made["created_by"]) == (1, False, "cora")
    second = writer.post(f"{address}/versions", {"title": "Third", "body": "two", "expected_number": 1})
    assert (second.status_code, second.json()["body"]) == (201, "two")
    stale = writer.post(f"{address}/versions", {"title": "Third", "body": "three", "expected_number": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    back = writer.post(f"{address}/restorations", {"number": 1})
    assert (back.status_code, back.json()["number"], back.json()["body"]) == (201, 3, "one\n")
    assert [each["number"] for each in reader.get(f"{address}/versions").json()["items"]] == [3, 2, 1]
    assert reader.get(f"{address}/versions/2").json()["body"] == "two"
    assert reader.get(f"{address}/versions/9").status_code == 404
    assert {each["title"] for each in reader.get("reports?workspace=credit").json()["items"]} == {
        "First look",
        "Third",
    }
    assert (
        reader.post(f"{address}/restorations", {"number": 1}).status_code,
        outsider.get(address).status_code,
    ) == (403, 404)
    assert writer.post("reports", {"workspace": "credit", "title": " ", "body": ""}).status_code == 400
    assert writer.delete(address).status_code == 204
    assert reader.get("reports?is_deleted=true").json()["items"][0]["id"] == made["id"]
    assert writer.post(f"{address}/restorations", {"number": 1}).json()["code"] == "deleted"


def test_a_version_is_restored_from_its_page(report, acting, cora, bob):
    report_write(actor=acting(cora), report=report, title="Second look", body="more")
    page, address = Client(), f"/reports/{report.pk}"
    page.force_login(cora)
    assert "Restore this version" in page.get(f"{address}?version=1").content.decode()
    assert "Restore this version" not in page.get(address).content.decode()
    assert page.post(f"{address}/restore", {"number": "1", "seen": "2"}).status_code == 302
    assert ReportVersion.objects.get(report=report, number=3).body == "text"
    assert page.post(f"{address}/restore", {"number": "x"}).status_code == 400
    page.force_login(bob)
    assert "Restore this version" not in page.get(f"{address}?version=1").content.decode()

"""Acts on many runs: each is one operation and one event, refused as a whole, and keeps to what is seen."""

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from compliance.models import LegalHold
from experiments.models import Run, RunSet, RunTag
from portal.audit.models import AuditEvent
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.table.conftest import Made

pytestmark = pytest.mark.django_db
STATES = (
    "", "?q=calm", "?tree=1", "?view=all", "?order_by=params.text+ASC", "?columns=tags.team&pinned=tags.team",
    "?columns=attributes.experiment&columns=attributes.run_id&columns=model.type", "?part=rows",
    "?facet=params.mixed%3Dtree", "?group_by=params.mixed", "?group_by=parent&order_by=metrics.auc+DESC",
    "?group_by=dataset.name", "?group_by=attributes.experiment", "?group_by=attributes.user_id", "?group_by=tags.team",
)  # fmt: skip
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def page_of(client: Client) -> Any:
    def log_in(user: Any) -> Client:
        client.force_login(user, backend=BACKEND)
        return client

    return log_in


def ids(made: list[Made], count: int = 3) -> str:
    return ",".join(each.run.pk.hex for each in made[:count])


def is_good(each: Made) -> bool:
    return bool((each.metrics.get("auc") or 0) > 0.5)


def stages(made: list[Made]) -> set[str]:
    return set(
        Run.objects.filter(pk__in=[each.run.pk for each in made[:3]]).values_list(
            "lifecycle_stage", flat=True
        )
    )


@pytest.mark.django_db(transaction=True)
def test_many_are_one_operation_and_one_event(
    made: list[Made], page_of: Any, ann: Any, experiment: Any
) -> None:
    client, before = page_of(ann), AuditEvent.objects.count()
    for act, more in (("delete", {}), ("restore", {}), ("tag", {"key": "checked", "value": "yes"})):
        assert client.post("/runs/acts", {"act": act, "runs": ids(made), **more}).status_code == 302
    assert stages(made) == {"active"}
    assert RunTag.objects.filter(key="checked", value="yes").count() == 3
    assert recorded()[-3:] == [(f"experiments.run.{act}", "done") for act in ("delete", "restore", "tag")]
    event = latest()
    assert event.object_type == "runset"
    assert detail_of(event)["changes"]["runs"] == [None, 3]
    assert set(RunSet.objects.get(pk=event.object_id).run_ids) == {each.run.pk for each in made[:3]}
    state = f"experiment={experiment.pk}&filter=metrics.auc+%3E+0.5"
    client.post("/runs/acts", {"act": "tag", "every": "1", "state": state, "key": "good", "value": "1"})
    good = {each.run.pk for each in made if each.run.lifecycle_stage == "active" and is_good(each)}
    assert set(RunTag.objects.filter(key="good").values_list("run_id", flat=True)) == good
    client.post("/runs/acts", {"act": "untag", "runs": ids(made, 50), "key": "checked"})
    assert RunTag.objects.filter(key="checked").count() == 3  # some of the fifty are deleted: none is touched
    client.post("/runs/acts", {"act": "untag", "runs": ids(made), "key": "checked"})
    assert not RunTag.objects.filter(key="checked").exists()
    assert AuditEvent.objects.count() == before + 5
    assert client.get(f"/runs/{made[0].run.pk.hex}/audit").content.decode().count("experiments.run.tag") == 2


@pytest.mark.django_db(transaction=True)
def test_who_may_not_changes_nothing_at_all(made: list[Made], page_of: Any, bob: Any, cleo: Any) -> None:
    page_of(bob).post("/runs/acts", {"act": "delete", "runs": ids(made)})
    assert recorded()[-1:] == [("experiments.run.delete", "denied")]
    page_of(cleo).post("/runs/acts", {"act": "delete", "runs": ids(made)})
    page_of(cleo).post("/runs/acts", {"act": "tag", "every": "1", "state": "", "key": "mine", "value": "1"})
    assert stages(made) == {"active"}
    assert not RunTag.objects.filter(key="mine").exists()
    assert page_of(cleo).post(f"/runs/{made[0].run.pk.hex}/mark", {"star": "1"}).status_code == 404
    assert page_of(cleo).post(f"/runs/{made[0].run.pk.hex}/name", {"name": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_hold_on_one_keeps_all(made: list[Made], page_of: Any, ann: Any, workspace: Any) -> None:
    LegalHold.objects.create(
        workspace=workspace, subject_type="run", subject_id=made[1].run.pk.hex, subject_label="held", reason="case 7",
        placed_by=ann,
    )  # fmt: skip
    page_of(ann).post("/runs/acts", {"act": "delete", "runs": ids(made)})
    assert stages(made) == {"active"}
    assert recorded()[-1:] == [("experiments.run.delete", "refused")]


@pytest.mark.django_db(transaction=True)
def test_what_is_exported_is_what_the_table_shows(
    made: list[Made], page_of: Any, bob: Any, experiment: Any
) -> None:
    state = f"experiment={experiment.pk}&filter=metrics.auc+%3E+0.5&order_by=metrics.auc+DESC"
    state += "&columns=metrics.auc&columns=params.mixed"
    client, found = page_of(bob), {}
    for form in ("csv", "json", "parquet"):
        answer = client.post("/runs/acts", {"act": "export", "every": "1", "state": state, "form": form})
        assert answer.headers["Content-Disposition"] == f'attachment; filename="runs.{form}"'
        found[form] = b"".join(answer.streaming_content)
    rows = json.loads(found["json"])
    values = [row["metrics.auc"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert len(rows) == sum(each.run.lifecycle_stage == "active" and is_good(each) for each in made)
    assert pq.read_table(io.BytesIO(found["parquet"])).to_pylist() == rows
    lines = found["csv"].decode().splitlines()
    assert lines[0] == "run_id,run_name,experiment,metrics.auc,params.mixed"
    assert len(lines) == len(rows) + 1
    assert any("'-3" in line for line in lines[1:])  # no formula for a spreadsheet
    assert recorded()[-3:] == [("experiments.run.export", "done")] * 3


def test_pages_of_the_table_answer_for_all_kinds_of_states(
    made: list[Made], page_of: Any, bob: Any, experiment: Any
) -> None:
    client, base = page_of(bob), f"/experiments/{experiment.pk}"
    for state in STATES:
        assert client.get(base + state).status_code == 200, state
        assert client.get("/runs" + state).status_code == 200, state
    wrong = client.get(f"{base}?filter=metrics.auc+>+1+and+colour.x=1").content.decode()
    assert '<mark class="caret">colour</mark>' in wrong
    assert "At character 21 of the filter." in wrong
    assert client.get(f"{base}?page_token=nonsense").status_code == 200
    assert client.get("/runs/completions?of=params&start=mi").json() == {"found": ["mixed"]}
    assert client.get("/runs/completions?of=params.mixed").json() == {"found": ["-3", "0.5", "1e2", "tree"]}
    assert (
        client.get(f"/runs/rows?run={made[0].run.pk.hex}&columns=params.depth")
        .content.decode()
        .count("data-run=")
        == 1
    )

"""The overview of an experiment: its best runs, the best so far, who ran what when, and notes."""

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from experiments.models import ExperimentTag, Run
from experiments.selectors.experiment_overview import activity, bests, leaders
from experiments.web.overview_plots import activity_bars, progress_plot
from portal.kernel.clock import now_ms
from tests.audit.events import recorded
from tests.experiments.table.conftest import Made

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _valued(made: list[Made]) -> list[Made]:
    active = [each for each in made if each.run.lifecycle_stage == "active"]
    return [each for each in active if each.metrics.get("auc") == each.metrics.get("auc", 0) and each.metrics]


@pytest.mark.parametrize("is_less", [False, True])
def test_the_best_runs_and_the_best_so_far(made: list[Made], experiment: Any, is_less: bool) -> None:
    ordered = sorted(_valued(made), key=lambda each: each.metrics["auc"], reverse=not is_less)
    found = leaders(experiment, "auc", is_less=is_less)
    assert [each.value for each in found] == [each.metrics["auc"] for each in ordered[:10]]
    best, records = None, []
    for each in sorted(_valued(made), key=lambda each: (each.run.start_time, each.run.pk)):
        value = each.metrics["auc"]
        if best is None or (value < best if is_less else value > best):
            best = value
            records.append(each.run.pk.hex)
    points = bests(experiment, "auc", is_less=is_less)
    assert len(points) == len(_valued(made))
    assert [point.id for point in points if point.is_record] == records
    drawn = progress_plot(points, "auc")
    assert drawn is not None
    assert drawn.line.count("H") == len(records)


def test_activity_counts_by_day_status_and_person(made: list[Made], experiment: Any) -> None:
    runs = [each.run for each in made if each.run.lifecycle_stage == "active"][:9]
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(start_time=now_ms())
    found = activity(experiment)
    assert {status: sum(days) for status, days in found.by_status.items()} == Counter(
        run.status for run in runs
    )
    assert sum(count for _, count in found.by_person) == 9
    bars, most = activity_bars(found)
    assert most == 9
    assert len(bars) == len(found.by_status)


@pytest.mark.django_db(transaction=True)
def test_the_page_and_its_notes(
    made: list[Made], experiment: Any, ann: Any, bob: Any, cleo: Any, client: Client
) -> None:
    address = f"/experiments/{experiment.pk}"
    client.force_login(ann, backend=BACKEND)
    said = client.post(f"{address}/note", {"note": "**Careful** <script>alert(1)</script>"})
    assert said.headers["Location"] == f"{address}/overview"
    page = client.get(f"{address}/overview?metric=auc&best=less").content.decode()
    assert "<strong>Careful</strong>" in page
    assert "<script>alert" not in page
    client.force_login(bob, backend=BACKEND)
    client.post(f"{address}/note", {"note": "by a viewer"})
    assert ExperimentTag.objects.get(experiment=experiment, key="mlflow.note.content").value.startswith(
        "**Careful"
    )
    assert recorded()[-2:] == [
        ("experiments.experiment.tag", "done"),
        ("experiments.experiment.tag", "denied"),
    ]
    client.force_login(cleo, backend=BACKEND)
    assert client.get(f"{address}/overview").status_code == 404
    assert client.post(f"{address}/note", {"note": "x"}).status_code == 404

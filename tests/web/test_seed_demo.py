"""The demo goes through the operations and can be repeated."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from compliance.models import AISystem, ApprovalRequest, Policy
from deployments.models import Endpoint, Rollout
from deployments.split import split_now
from experiments.models import DatasetVersion
from experiments.selectors.dataset_versions import readings_of
from jobs.models import JobRun
from monitoring.models import Alert, Monitor
from portal.accounts.models import User
from registry.models import Assignment, ModelVersion

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def seeded() -> dict[str, Any]:
    out = StringIO()
    call_command("seed_demo", "--json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def test_it_makes_one_of_everything_once(ann: User, dia: User) -> None:
    assert seeded() == {"created": True}
    assert seeded() == {"created": False}
    assert list(ModelVersion.objects.values_list("version", "status").order_by("version")) == [
        (1, "READY"),
        (2, "READY"),
    ]
    assert Assignment.objects.get(name="champion", valid_to=None).version.version == 1
    assert [len(readings_of([each])) for each in DatasetVersion.objects.all()] == [2]
    assert Policy.objects.get().current is not None
    assert AISystem.objects.get().models.count() == 1
    asked = ApprovalRequest.objects.get()
    assert (asked.state, asked.requested_by, str(asked)) == (
        "draft",
        ann,
        "champion of loan-scorer to loan-scorer v2",
    )
    assert JobRun.objects.filter(state="queued").exists()


def test_its_endpoint_serves_is_watched_and_has_an_alert_that_was_measured(ann: User, dia: User) -> None:
    seeded()
    endpoint = Endpoint.objects.get()
    assert split_now(endpoint) == {1: 100}
    rollouts = Rollout.objects.order_by("id").values_list("revision__number", "strategy", "state")
    assert list(rollouts) == [(1, "blue_green", "completed"), (2, "canary", "waiting")]
    slow = Monitor.objects.get(name="Slow answers")
    states = list(slow.runs.order_by("id").values_list("state", flat=True))
    assert (states[0], states[-1]) == ("ok", "alert")
    alert = Alert.objects.get()
    assert (alert.monitor, alert.severity, alert.state, alert.run.value) == (
        slow, "alert", "open", slow.runs.order_by("-id")[0].value,
    )  # fmt: skip
    assert alert.finding is not None
    client = Client()
    client.force_login(ann)
    for address in ("/endpoints", "/endpoints/loan-scoring", "/monitors", f"/monitors/{slow.pk}", "/alerts"):
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
    assert "No request in this time" not in client.get("/endpoints/loan-scoring").content.decode()

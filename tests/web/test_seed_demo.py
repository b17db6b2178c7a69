"""The demo goes through the operations and can be repeated."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from compliance.models import AISystem, ApprovalRequest, Policy
from experiments.models import DatasetVersion
from experiments.selectors.dataset_versions import readings_of
from jobs.models import JobRun
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

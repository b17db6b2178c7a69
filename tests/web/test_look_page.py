"""What the gate can be asked to do again, on the page of a version."""

import pytest
from django.urls import reverse

from jobs.models import JobRun
from tests.web.governed import evidence_row, model_row, version_row


@pytest.fixture
def version(workspace, cora):
    return version_row(model_row(workspace, "scorer", owner=cora))


def address(name, *more):
    return reverse(name, args=["credit", "scorer", 1, *more])


def test_a_viewer_is_offered_nothing_and_refused(client, version, bob, cleo):
    client.force_login(bob)
    assert b"Scan again" not in client.get(address("version-tab", "evidence")).content
    told = client.post(address("version-scan"), follow=True)
    assert b"needs the role contributor" in told.content
    client.force_login(cleo)
    assert client.post(address("version-scan")).status_code == 404
    assert not JobRun.objects.exists()


def test_a_contributor_asks_for_looks(client, version, cora):
    evidence_row(version, "signature", body={"signature": {"uri": "x"}})
    client.force_login(cora)
    page = client.get(address("version-tab", "evidence")).content
    for name, text in (("version-scan", b"Scan again"), ("version-sign", b"Sign"), ("version-bill", b"Write the bill"),
                       ("version-check-signature", b"Check the signature")):  # fmt: skip
        assert text in page
        assert client.post(address(name)).url == address("version-tab", "evidence")
    assert set(JobRun.objects.values_list("kind", flat=True)) == {
        "registry.scan_version", "registry.describe_version", "registry.sign_version", "registry.bill_version",
        "registry.verify_signature",
    }  # fmt: skip

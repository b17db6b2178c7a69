"""Receivers, webhooks that lead to them, and the jobs of the outbox run by hand."""

import pytest
from django.db import transaction

from compliance.models import Webhook
from compliance.services.notices import notice_write
from compliance.services.webhooks import WebhookWish, webhook_create
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from tests.compliance.follow_up.receivers import receiving

SYSTEM = Actor.system("test", actions=["compliance.finding.open"])


@pytest.fixture
def receiver(settings):
    """A receiver at an address that the settings list."""
    with receiving() as found:
        settings.WEBHOOK_ALLOWED_HOSTS = [f"127.0.0.1:{found.port}"]
        yield found


@pytest.fixture
def hook(workspace, ann, acting, receiver):
    """`hook(…)` makes a webhook to the receiver, by ann."""

    def make(**given) -> Webhook:
        wish = {"name": "ours", "url": receiver.url, "topics": ["*"], "secret": "s3cret"} | given
        return webhook_create(actor=acting(ann), workspace=workspace, wish=WebhookWish(**wish))

    return make


@pytest.fixture
def tell(workspace):
    """`tell(topic)` writes a notice in a transaction of its own."""

    def write(topic="finding.opened", **given):
        fields = {
            "actor": SYSTEM, "workspace_id": workspace.pk, "topic": topic, "title": "A byte changed",
            "url": "/findings/1", "data": {"severity": "high"},
        } | given  # fmt: skip
        with transaction.atomic():
            return notice_write(**fields)

    return write


@pytest.fixture
def deliver():
    """Runs the jobs of a kind that are queued, as a worker would."""

    def run(kind="compliance.deliver"):
        for job in JobRun.objects.filter(kind=kind, state="queued").order_by("id"):
            run_job(job.pk)

    return run

"""Trying a webhook: the example is put on record, then posted outside of any transaction."""

from compliance.deliveries.door import post
from compliance.deliveries.parcels import Answer
from compliance.models import Webhook
from compliance.services.webhooks import webhook_test
from portal.accounts.actor import Actor


def webhook_try(*, actor: Actor, webhook: Webhook, topic: str = "") -> Answer:
    """Post an example of `topic`, or of the first that the webhook asks for; the answer without its body."""
    return post(webhook_test(actor=actor, webhook=webhook, topic=topic))

"""What a receiver is sent: MLflow's payload, a CloudEvent, or a message that Slack and its likes show.

Headers and signature are those of MLflow 3.17 (`mlflow.webhooks.delivery`), so its documented check works on all
three: HMAC-SHA256 over `<delivery id>.<timestamp>.<body>`. The delivery id is the id of the notice, so a receiver
that keeps the ids that it has seen takes each notice once, however often it is sent.
"""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from django.conf import settings

from compliance.deliveries.parcels import Parcel
from compliance.deliveries.sealing import unseal
from compliance.models import Notice, Webhook
from compliance.topics import MLFLOW_TOPICS

SIGNATURE, TIMESTAMP, DELIVERY_ID = "X-MLflow-Signature", "X-MLflow-Timestamp", "X-MLflow-Delivery-Id"
_CLOUD_TYPE = "application/cloudevents+json; charset=utf-8"
_SLACK_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def parcel_of(webhook: Webhook, notice: Notice) -> Parcel:
    """The signed POST that tells a webhook of a notice. Raises SealBroken."""
    content_type, said = _said(webhook, notice)
    body = json.dumps(said).encode()
    event_id, at = str(notice.pk), str(int(time.time()))
    headers = {
        "Content-Type": content_type, DELIVERY_ID: event_id, TIMESTAMP: at, "User-Agent": "ml-portal-webhooks/1",
    }  # fmt: skip
    if webhook.secret:
        headers[SIGNATURE] = signature_of(unseal(bytes(webhook.secret)), event_id, at, body)
    return Parcel(webhook.url, headers, body)


def signature_of(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64>`, as MLflow signs."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def link_of(notice: Notice) -> str:
    """The absolute address of what a notice is about; the portal itself where it names none."""
    return f"{settings.PORTAL_URL}{notice.url or '/'}"


def _said(webhook: Webhook, notice: Notice) -> tuple[str, dict[str, Any]]:
    if webhook.style == "slack":
        return "application/json", _slack(notice)
    if webhook.style == "mlflow" and notice.topic in MLFLOW_TOPICS:
        return "application/json", _mlflow(notice)
    return _CLOUD_TYPE, _cloud_event(notice)


def _mlflow(notice: Notice) -> dict[str, Any]:
    entity, _, action = notice.topic.partition(".")
    return {
        "entity": entity, "action": action, "timestamp": notice.created_at.isoformat(), "data": notice.data,
        "workspace": _workspace_name(notice),
    }  # fmt: skip


def _cloud_event(notice: Notice) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": str(notice.pk), "source": settings.PORTAL_URL,
        "type": f"portal.{notice.topic}", "time": notice.created_at.isoformat(), "subject": notice.title,
        "datacontenttype": "application/json",
        "data": {
            "title": notice.title, "url": link_of(notice), "workspace": _workspace_name(notice), **notice.data,
        },
    }  # fmt: skip


def _slack(notice: Notice) -> dict[str, Any]:
    """An incoming-webhook message: `text` for notifications, blocks for the channel. Names cannot format it."""
    title = notice.title.translate(_SLACK_MARKS)
    where = f"{_workspace_name(notice)} · {notice.topic}".translate(_SLACK_MARKS)
    return {
        "text": f"{title} {link_of(notice)}",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*<{link_of(notice)}|{title}>*"}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": where}]},
        ],
    }


def _workspace_name(notice: Notice) -> str:
    return notice.workspace.name if notice.workspace else ""

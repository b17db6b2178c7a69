"""A notice as an e-mail: plain text, with one link to the portal. Nothing can be decided by answering it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from compliance.deliveries.parcels import Answer
from compliance.deliveries.payloads import link_of
from compliance.models import Delivery, Notice

_SHOWN_FACTS = 12
_SUBJECT_LENGTH = 150


def mail_send(delivery: Delivery) -> Answer:
    """Send the notice to the person as they are now. Never raises: what went wrong is the answer."""
    person = delivery.user
    if person is None or not person.is_active or not person.email:
        return Answer(200, "Not sent: the person has no active account with an e-mail address any more.")
    try:
        message_of(delivery.notice, person.email, str(delivery.pk)).send()
    except OSError as error:  # what smtplib raises are OSErrors, too
        return Answer(None, f"The mail server did not take it: {type(error).__name__}.")
    return Answer(200, "Handed to the mail server.")


def message_of(notice: Notice, address: str, delivery_id: str) -> EmailMessage:
    """The message; its Message-ID is that of the delivery, so that mail programs show a repeated one once."""
    context = {"notice": notice, "link": link_of(notice), "facts": _facts(notice)}
    host = urlsplit(settings.PORTAL_URL).hostname
    return EmailMessage(
        subject=" ".join(notice.title.split())[:_SUBJECT_LENGTH],
        body=render_to_string("compliance/mail/notice.txt", context).strip() + "\n",
        to=[address],
        headers={"Message-ID": f"<{delivery_id}@{host}>", "Auto-Submitted": "auto-generated"},
    )


def _facts(notice: Notice) -> list[tuple[str, str]]:
    """The plain values of the notice, each on one line."""
    plain = [(name, value) for name, value in notice.data.items() if isinstance(value, (str, int, float))]
    return [
        (name.replace("_", " "), " ".join(str(value).split())[:300]) for name, value in plain[:_SHOWN_FACTS]
    ]

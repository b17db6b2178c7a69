"""Retention classes: what the portal keeps, for how long, and what ends it.

Data of a class is kept at least that long. The portal itself empties `measurements`, `outbox` and `sessions` only;
everything else stays until a person deletes it, which a legal hold refuses.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class RetentionClass:
    """A kind of record. `days` None means for as long as the portal runs."""

    name: str
    title: str
    holds: str
    days: int | None
    basis: str
    ends_by: str

    @property
    def words(self) -> str:
        """The duration as a person says it."""
        if self.days is None:
            return "for good"
        return f"{self.days // 365} years" if self.days % 365 == 0 else f"{self.days} days"


YEAR = 365
_CLASSES = (
    RetentionClass(
        "audit", "Audit log", "Events, checkpoints, signing keys", None,
        "Every proof stands on all earlier entries", "Never; the words of an event can be erased under a tombstone",
    ),
    RetentionClass(
        "decisions", "Policies, evaluations, decisions, approvals", "Who approved what, on which facts", 10 * YEAR,
        "AI Act Article 18: ten years after the system was placed on the market", "Never by the portal",
    ),
    RetentionClass(
        "evidence", "Evidence, model cards, bills of materials", "What was looked at and how it came out", 10 * YEAR,
        "AI Act Articles 11 and 18: technical documentation", "Never by the portal",
    ),
    RetentionClass(
        "versions", "Model versions and their files", "Manifests, digests, files in the store", 10 * YEAR,
        "Reproduction of decisions", "A maintainer's deletion",
    ),
    RetentionClass(
        "runs", "Runs, metrics, parameters, artifacts", "What was tried", 2 * YEAR, "Model development records",
        "A contributor's deletion",
    ),
    RetentionClass(
        "follow_up", "Findings, re-certifications, access reviews, holds", "What was seen to, by whom", 10 * YEAR,
        "SR 26-2 and SS1/23: ongoing monitoring", "Never by the portal",
    ),
    RetentionClass(
        "inference_log", "Logs of high-risk systems in use", "Who was scored when, by which version", YEAR // 2 + 1,
        "AI Act Articles 19 and 26(6): at least six months", "The system that serves",
    ),
    RetentionClass(
        "measurements", "Measurements of monitors", "What was measured in use and found nothing", 2 * YEAR,
        "AI Act Article 72: post-market monitoring",
        "The portal, when their time is over; what found something is kept, and all in a workspace with a legal hold",
    ),
    RetentionClass(
        "outbox", "Notices and their deliveries", "What was told to whom", YEAR, "Replay and proof of notice",
        "The portal, when their time is over",
    ),
    RetentionClass(
        "sessions", "Sessions and idempotency keys", "Who is signed in", 1, "Security", "The portal",
    ),
)  # fmt: skip


def retention_classes() -> list[RetentionClass]:
    """The classes with the durations that the settings give them."""
    longer = settings.RETENTION_DAYS
    return [
        RetentionClass(
            each.name, each.title, each.holds, longer.get(each.name, each.days), each.basis, each.ends_by
        )
        for each in _CLASSES
    ]


def lifetime(name: str) -> dt.timedelta:
    """How long the portal keeps a class that it empties itself."""
    found = next(each for each in retention_classes() if each.name == name)
    return dt.timedelta(days=found.days or YEAR)

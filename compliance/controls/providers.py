"""Where evidence comes from: providers by kind, declared by the apps that keep the facts, as gated acts are.

A provider looks at one system in its scope and gives what it finds, the newest first. What it gives points to its
audit event, so that every fact can be proven.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from compliance.gates import Subject
from compliance.models import AISystem
from portal.accounts.actor import Actor
from portal.kernel import sql

PASS, FAIL, INFO = "pass", "fail", "info"


@dataclass(frozen=True)
class Item:
    """One piece of evidence. `subject` is the id of the version that it is about; empty for the system as a whole.

    `object` is how the audit log names the row behind it, `action` the event that is meant; without one, the newest.
    """

    kind: str
    label: str
    at: dt.datetime | None
    digest: str = ""
    outcome: str = PASS
    url: str = ""
    subject: str = ""
    expires_at: dt.datetime | None = None
    object: tuple[str, str] = ("", "")
    action: str = ""
    audit_event: UUID | None = None
    control: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """A system with what belongs to it: `subjects` are the versions that it uses now."""

    actor: Actor
    system: AISystem
    subjects: tuple[Subject, ...] = ()


Provider = Callable[[Scope], Iterable[Item]]
SubjectFinder = Callable[[AISystem], Iterable[Subject]]
PROVIDERS: dict[str, list[Provider]] = {}
SUBJECT_FINDERS: list[SubjectFinder] = []


def evidence_provide(*kinds: str) -> Callable[[Provider], Provider]:
    """Declare a provider of some kinds."""

    def declare(provider: Provider) -> Provider:
        for kind in kinds:
            found = PROVIDERS.setdefault(kind, [])
            if provider not in found:
                found.append(provider)
        return provider

    return declare


def subject_finder_declare(find: SubjectFinder) -> None:
    """Add a way to find what belongs to a system."""
    if find not in SUBJECT_FINDERS:
        SUBJECT_FINDERS.append(find)


def scope_of(actor: Actor, system: AISystem) -> Scope:
    """A system with all that belongs to it."""
    return Scope(actor, system, tuple(subject for find in SUBJECT_FINDERS for subject in find(system)))


def evidence_gather(scope: Scope, kinds: Iterable[str]) -> dict[str, list[Item]]:
    """All evidence of some kinds, the newest first, each with its audit event."""
    providers = dict.fromkeys(provider for kind in sorted(set(kinds)) for provider in PROVIDERS.get(kind, []))
    items = [item for provider in providers for item in provider(scope)]
    found: dict[str, list[Item]] = {}
    for item in _with_events(items):
        found.setdefault(item.kind, []).append(item)
    for each in found.values():
        each.sort(key=lambda item: item.at or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True)
    return found


_EVENTS = """
SELECT DISTINCT ON (wanted.type, wanted.id, wanted.action) wanted.type, wanted.id, wanted.action, event.uuid
FROM unnest(%(types)s::text[], %(ids)s::text[], %(actions)s::text[]) AS wanted(type, id, action)
JOIN audit_auditevent event ON event.object_type = wanted.type AND event.object_id = wanted.id
WHERE event.outcome = 'done' AND wanted.action IN ('', event.action)
ORDER BY wanted.type, wanted.id, wanted.action, event.id DESC
"""


def _with_events(items: Sequence[Item]) -> Iterator[Item]:
    wanted = sorted({(*item.object, item.action) for item in items if item.object[0]})
    types, ids, actions = [[row[place] for row in wanted] for place in range(3)]
    rows = sql.rows(_EVENTS, {"types": types, "ids": ids, "actions": actions}) if wanted else []
    events = {(kind, key, action): uuid for kind, key, action, uuid in rows}
    for item in items:
        yield replace(item, audit_event=item.audit_event or events.get((*item.object, item.action)))

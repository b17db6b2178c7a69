"""The side navigation: only what exists, marked where the reader is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal import access
from portal.accounts.actor import Actor


@dataclass(frozen=True)
class Entry:
    """One link of the navigation; `is_here` also holds on the pages below it."""

    label: str
    url: str
    is_here: bool
    count: int = 0


@dataclass(frozen=True)
class Group:
    """Links under a heading; the first group has none."""

    title: str
    entries: list[Entry]


NO_COUNTS: Mapping[str, int] = {}
# Title of the group, then (label, route name, first parts of the paths that belong to it).
_GROUPS = (
    (
        "",
        (
            ("Home", "home", ()),
            ("Experiments", "experiments", ("/experiments", "/runs")),
            ("Reports", "reports", ("/reports",)),
            ("Training", "trainings", ("/training",)),
            ("Data", "datasets", ("/datasets", "/data-checks")),
            ("Models", "models", ("/models", "/model-evaluations")),
            ("Endpoints", "endpoints", ("/endpoints", "/scorings")),
            ("Monitors", "monitors", ("/monitors", "/alerts")),
            ("Jobs", "jobs", ("/jobs",)),
        ),
    ),
    (
        "Governance",
        (
            ("Inbox", "inbox", ("/inbox",)),
            ("Approvals", "requests", ("/approvals", "/waivers", "/delegations", "/recertifications")),
            ("Policies", "policies", ("/policies",)),
            ("Findings", "findings", ("/findings",)),
            ("AI systems", "systems", ("/systems",)),
            ("Audit log", "audit", ("/audit",)),
        ),
    ),
    # For auditors and operators.
    ("Oversight", (("Console", "console-home", ("/console",)),)),
    (
        "Workspace",
        (
            ("Members", "workspaces", ("/workspaces",)),
            ("Access reviews", "access-reviews", ("/access-reviews",)),
            ("Tokens", "tokens", ("/tokens",)),
            ("Secrets", "secrets", ("/secrets",)),
            ("Webhooks", "webhooks", ("/webhooks",)),
        ),
    ),
    ("Reference", (("API", "api-docs", ("/api/v1/docs",)),)),
)


def navigation(request: HttpRequest, counts: Mapping[str, int] = NO_COUNTS) -> list[Group]:
    """The groups, without the routes that this installation does not have, and the console for whom it lets in.

    `counts` goes by the name of a route.
    """
    is_told = _may_oversee(request)
    groups = [
        Group(title, list(_entries(links, request.path, counts)))
        for title, links in _GROUPS
        if is_told or title != "Oversight"
    ]
    return [group for group in groups if group.entries]


def _may_oversee(request: HttpRequest) -> bool:
    actor: Actor | None = getattr(request, "actor", None)
    return actor is not None and (bool(actor.audited) or access.allows(actor, "console.page.read"))


def _entries(
    links: tuple[tuple[str, str, tuple[str, ...]], ...], path: str, counts: Mapping[str, int]
) -> Iterator[Entry]:
    for label, name, prefixes in links:
        url = _address(name)
        if not url:
            continue
        yield Entry(label, url, path == url or path.startswith(prefixes), counts.get(name, 0))


@cache
def _address(name: str) -> str:
    """The address of a route; empty where this installation does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""

"""The tabs of the console."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

register = template.Library()
_TABS = (
    ("posture", "Posture", "console-home"),
    ("audit", "Audit log", "console-audit"),
    ("dossiers", "Decisions", "console-dossiers"),
    ("access", "Access", "console-access"),
    ("retention", "Retention", "console-retention"),
    ("policies", "Policies", "policies"),
    ("records", "Records", "console:index"),
)


@dataclass(frozen=True)
class Tab:
    """One part of the console."""

    key: str
    label: str
    url: str


@register.simple_tag
def console_tabs() -> list[Tab]:
    """The parts of the console, in the order in which they are asked for."""
    return [Tab(key, label, reverse(name)) for key, label, name in _TABS]

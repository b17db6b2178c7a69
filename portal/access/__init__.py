"""The one place that decides who may do what: a catalogue of actions and one question about them."""

from portal.access.catalogue import ACTIONS, Action
from portal.access.decisions import allows, require, sees, workspaces_allowing

__all__ = ["ACTIONS", "Action", "allows", "require", "sees", "workspaces_allowing"]

"""Audit events for what django-allauth announces by signal only: second factors and changed passwords."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)

from portal.accounts.signin import events


def connect() -> None:
    """Listen, once per process."""
    password_changed.connect(_on_password_changed, dispatch_uid="portal.password_changed")
    password_set.connect(_on_password_changed, dispatch_uid="portal.password_set")
    password_reset.connect(_on_password_changed, dispatch_uid="portal.password_reset")
    authenticator_added.connect(_on_factor_added, dispatch_uid="portal.factor_added")
    authenticator_removed.connect(_on_factor_removed, dispatch_uid="portal.factor_removed")
    authenticator_reset.connect(_on_factor_reset, dispatch_uid="portal.factor_reset")
    authentication_failed.connect(_on_factor_failed, dispatch_uid="portal.factor_failed")


def _on_password_changed(*, request: Any, user: Any, **_: Any) -> None:
    events.succeeded(request, user, events.PASSWORD)


def _on_factor_added(*, request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    events.succeeded(request, user, events.SECOND_FACTOR, f"{authenticator.type} added")


def _on_factor_removed(*, request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    events.succeeded(request, user, events.SECOND_FACTOR, f"{authenticator.type} removed")


def _on_factor_reset(*, request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    events.succeeded(request, user, events.SECOND_FACTOR, f"{authenticator.type} made anew")


def _on_factor_failed(*, request: Any, user: Any, **_: Any) -> None:
    events.failed(request, events.SIGN_IN, "wrong second factor", user=user)

"""`@operation`: permission, lock, transaction and audit event around one change, wired once.

An operation is a keyword-only function in some app's `services/`. It gets the row that it changes locked and
fresh, runs in one durable transaction that also holds its audit event, and leaves a `denied` or `refused`
event behind when it may not go on. Operations do not call operations; shared steps are private functions.

`@writer` is for data rather than acts (metric points, artifact bytes): the action is declared and listed the
same way, the function asks permission itself inside its statement, and only a denial leaves an event.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeVar, cast, overload

import structlog
from django.db import models, transaction

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.audit.record import record, snapshot
from portal.kernel.errors import Conflict, DomainError, NotFound, PermissionDenied, PolicyViolation
from portal.kernel.instances import instances
from portal.tracing import span

log = structlog.get_logger("operations")
P = ParamSpec("P")
R = TypeVar("R")
Lock = Literal["update", "share", "own"]


@dataclass(frozen=True)
class Declared:
    """One entry of the catalogue of everything that changes something."""

    action: str
    function: Callable[..., Any]
    is_audited: bool


@dataclass(frozen=True)
class Changed(Generic[R]):
    """What an operation returns when its change is not in the columns of one row: the values before and after.

    `subject` is the row that the event is about, where that is not the row that was locked. The caller of the
    operation gets `result`.
    """

    result: R
    before: dict[str, Any]
    after: dict[str, Any]
    subject: models.Model | None = None


OPERATIONS: dict[str, list[Declared]] = {}


def _declare(action: str, function: Callable[..., Any], *, is_audited: bool) -> None:
    if action not in access.ACTIONS:
        raise LookupError(
            f"{function.__qualname__} names the action {action}, which portal.access does not list."
        )
    OPERATIONS.setdefault(action, []).append(Declared(action, function, is_audited))


def writer(action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a writer of data. It must ask `access.require` for `action` itself."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except PermissionDenied as no:
                _record_refusal(cast(Actor, kwargs["actor"]), action, no.target, no)
                raise

        _declare(action, run, is_audited=False)
        return run

    return wrap


class Wrapper(Protocol):
    """Turns a function into an operation; who returns a Changed hands its `result` to the caller."""

    @overload
    def __call__(self, function: Callable[P, Changed[R]], /) -> Callable[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Callable[P, R]: ...


def operation(action: str, *, on: str | None = None, lock: Lock = "update") -> Wrapper:
    """Make a function the one way to do `action`.

    `on` names the argument whose row is locked and asked about: the row that changes, or the parent of one
    that is made. `lock="share"` lets several makers work below one parent at once.
    """

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(**kwargs: Any) -> Any:
            return _run(function, action, on, lock, kwargs)

        _declare(action, run, is_audited=True)
        return run

    return wrap


def effect(action: str, *, on: str | None = None, lock: Lock = "update") -> Wrapper:
    """Make a function the part of a larger operation that does `action`: what a job commits with its own end.

    Lock, permission and audit event are those of an operation, in the transaction that is open. A refusal
    undoes all of that transaction and is recorded by the operation around. Raises TransactionManagementError
    outside of a transaction.
    """

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(**kwargs: Any) -> Any:
            if not transaction.get_connection().in_atomic_block:
                raise transaction.TransactionManagementError(f"{action} is an effect of an operation.")
            return _apply(function, action, on, lock, kwargs)

        _declare(action, run, is_audited=True)
        return run

    return wrap


def permit(*, actor: Actor, action: str, target: Any = None) -> None:
    """Ask permission for a read that is no operation; a denial leaves its event like that of a change."""
    try:
        access.require(actor, action, target)
    except PermissionDenied as no:
        _record_refusal(actor, action, target, no)
        raise


def read_logged(*, actor: Actor, action: str, target: Any = None, detail: str = "") -> None:
    """Record that somebody read something sensitive as an auditor; reads of others leave no event.

    `detail` says what was looked for, such as the filters of a list. Call it after the read is allowed. A read across
    workspaces (no target) of who audits some of them leaves an event in each, where its members see it.
    """
    targets = [target] if actor.audits(getattr(target, "workspace_id", None)) else []
    if target is None and not actor.is_auditor and actor.audited:
        targets = list(Workspace.objects.filter(pk__in=actor.audited).order_by("pk"))
    if not targets:
        return
    with transaction.atomic(durable=True):
        for each in targets:
            record(actor, action, "done", each, detail=detail)
    log.info("read", action=action, actor=actor.reference, request_id=actor.request_id)


def _run(
    function: Callable[..., Any], action: str, on: str | None, lock: Lock, kwargs: dict[str, Any]
) -> Any:
    actor: Actor = kwargs["actor"]
    try:
        with span(action), transaction.atomic(durable=True):
            return _apply(function, action, on, lock, kwargs)
    except (PermissionDenied, PolicyViolation, NotFound, Conflict) as no:
        _record_refusal(actor, action, kwargs[on] if on else None, no)
        raise


def _apply(function: Callable[..., R], action: str, on: str | None, lock: Lock, kwargs: dict[str, Any]) -> R:
    """Lock, ask, change and record, in the transaction that is open."""
    actor: Actor = kwargs["actor"]
    target = kwargs[on] if on else None
    if on and lock != "own" and isinstance(target, models.Model):
        target = kwargs[on] = locked(target, lock)
    access.require(actor, action, target)
    before = snapshot(target)
    result = function(**kwargs)
    _record_done(actor, action, target, before, result, str(kwargs.get("reason") or ""))
    return result.result if isinstance(result, Changed) else result


def locked(target: models.Model, lock: Lock = "update") -> Any:
    """The row as it is now, held until the transaction ends. Raises NotFound when it is gone."""
    meta = target._meta
    clause = "FOR NO KEY UPDATE" if lock == "update" else "FOR SHARE"
    found = instances(meta.concrete_model or type(target), f'"{meta.pk.column}" = %s {clause}', [target.pk])
    if not found:
        raise NotFound(f"{str(meta.verbose_name).capitalize()} {target} does not exist any more.")
    return found[0]


def _record_done(
    actor: Actor, action: str, target: Any, before: dict[str, Any] | None, result: Any, reason: str
) -> None:
    if isinstance(result, Changed):
        subject = result.subject or target
        record(actor, action, "done", subject, before=result.before, after=result.after, reason=reason)
    elif isinstance(result, models.Model) and result is not target:
        record(actor, action, "done", result, after=snapshot(result), reason=reason)
    else:
        record(actor, action, "done", target, before=before, after=snapshot(target), reason=reason)
    log.info("done", action=action, actor=actor.reference, request_id=actor.request_id)


def _record_refusal(actor: Actor, action: str, target: Any, no: DomainError) -> None:
    with transaction.atomic(durable=True):
        record(actor, action, no.outcome, target, detail=no.detail)
    log.warning(no.outcome, action=action, actor=actor.reference, request_id=actor.request_id)

"""Every refusal of the portal is one of these; one handler turns it into problem JSON, one into a page."""

from typing import Any


class DomainError(Exception):
    """A refusal that the caller can read and act on.

    `detail` is a full sentence: what was refused, on which object, why, and who or what resolves it.
    `code` is stable and part of the API; `extra` holds JSON-ready facts for machines.
    """

    status = 400
    code = "invalid_input"
    outcome = "refused"

    def __init__(self, detail: str, *, code: str | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.extra = extra


class InvalidInput(DomainError):
    """The request itself is wrong: a missing, malformed or out-of-range value."""


class Unauthenticated(DomainError):
    """Nobody we know: no credential, or one that is wrong, expired or revoked."""

    status = 401
    code = "unauthenticated"
    outcome = "denied"


class PermissionDenied(DomainError):
    """The caller sees the object but may not do this to it; `target` is the object, for the audit log."""

    status = 403
    code = "permission_denied"
    outcome = "denied"
    target: Any = None


class NotFound(DomainError):
    """The object does not exist, or the caller may not know that it does: one answer for both."""

    status = 404
    code = "not_found"
    outcome = "denied"


class Conflict(DomainError):
    """The state of the object does not allow this, or somebody else changed it first."""

    status = 409
    code = "conflict"


class TooLarge(DomainError):
    """The body, file or list is over its limit."""

    status = 413
    code = "too_large"


class Throttled(DomainError):
    """Too many tries; `extra["retry_after_seconds"]` says when to come back."""

    status = 429
    code = "throttled"


class PolicyViolation(DomainError):
    """Allowed to the caller, but a policy check or an approval is missing."""

    status = 403
    code = "policy_violation"


class Unavailable(DomainError):
    """A part that the portal stands on does not answer; trying again later can help."""

    status = 503
    code = "unavailable"

"""How a refusal reads in MLflow's protocol: an error code, its HTTP status and one JSON shape."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.kernel import errors
from portal.kernel.errors import DomainError

INTERNAL_ERROR = "INTERNAL_ERROR"
INVALID_PARAMETER_VALUE = "INVALID_PARAMETER_VALUE"
INVALID_STATE = "INVALID_STATE"
RESOURCE_DOES_NOT_EXIST = "RESOURCE_DOES_NOT_EXIST"
RESOURCE_ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS"
RESOURCE_CONFLICT = "RESOURCE_CONFLICT"
ENDPOINT_NOT_FOUND = "ENDPOINT_NOT_FOUND"
FEATURE_DISABLED = "FEATURE_DISABLED"
PERMISSION_DENIED = "PERMISSION_DENIED"
UNAUTHENTICATED = "UNAUTHENTICATED"
REQUEST_LIMIT_EXCEEDED = "REQUEST_LIMIT_EXCEEDED"
TEMPORARILY_UNAVAILABLE = "TEMPORARILY_UNAVAILABLE"
BAD_REQUEST = "BAD_REQUEST"

# MLflow answers 500 for INVALID_STATE and, having no entry for it, for FEATURE_DISABLED. Its client retries
# a 500 for minutes, and neither is a fault of the server: both are refusals, with the same code in the body.
STATUS_BY_CODE: Mapping[str, int] = MappingProxyType(
    {
        INTERNAL_ERROR: 500,
        "DATA_LOSS": 500,
        "NOT_IMPLEMENTED": 501,
        TEMPORARILY_UNAVAILABLE: 503,
        "DEADLINE_EXCEEDED": 504,
        REQUEST_LIMIT_EXCEEDED: 429,
        "RESOURCE_EXHAUSTED": 429,
        "CANCELLED": 499,
        "ABORTED": 409,
        RESOURCE_CONFLICT: 409,
        "ALREADY_EXISTS": 409,
        "NOT_FOUND": 404,
        ENDPOINT_NOT_FOUND: 404,
        RESOURCE_DOES_NOT_EXIST: 404,
        PERMISSION_DENIED: 403,
        FEATURE_DISABLED: 403,
        "CUSTOMER_UNAUTHORIZED": 401,
        UNAUTHENTICATED: 401,
        BAD_REQUEST: 400,
        RESOURCE_ALREADY_EXISTS: 400,
        INVALID_PARAMETER_VALUE: 400,
        INVALID_STATE: 400,
    }
)

# Checked from the top: a class stands before its parents.
_CODE_BY_ERROR: tuple[tuple[type[DomainError], str], ...] = (
    (errors.NotFound, RESOURCE_DOES_NOT_EXIST),
    (errors.PermissionDenied, PERMISSION_DENIED),
    (errors.PolicyViolation, PERMISSION_DENIED),
    (errors.Unauthenticated, UNAUTHENTICATED),
    (errors.Conflict, RESOURCE_CONFLICT),
    (errors.Throttled, REQUEST_LIMIT_EXCEEDED),
    (errors.Unavailable, TEMPORARILY_UNAVAILABLE),
    (errors.TooLarge, INVALID_PARAMETER_VALUE),
    (errors.InvalidInput, INVALID_PARAMETER_VALUE),
)
_CODE_BY_DOMAIN_CODE: Mapping[str, str] = MappingProxyType(
    {"already_exists": RESOURCE_ALREADY_EXISTS, "invalid_state": INVALID_STATE}
)


class ProtocolError(DomainError):
    """A refusal in MLflow's own words: one of the codes above, and the message that the client prints."""

    def __init__(self, message: str, error_code: str = INVALID_PARAMETER_VALUE) -> None:
        super().__init__(message, code=error_code.lower())
        self.error_code = error_code
        self.status = STATUS_BY_CODE.get(error_code, 500)
        if error_code in (PERMISSION_DENIED, UNAUTHENTICATED):
            self.outcome = "denied"

    @property
    def message(self) -> str:
        """The sentence for the caller, under MLflow's name for it."""
        return self.detail


def invalid_parameter(message: str) -> ProtocolError:
    """INVALID_PARAMETER_VALUE, the refusal that most checks raise."""
    return ProtocolError(message, INVALID_PARAMETER_VALUE)


def error_code_of(error: DomainError) -> str:
    """The MLflow code of any refusal of ours."""
    if isinstance(error, ProtocolError):
        return error.error_code
    if error.code in _CODE_BY_DOMAIN_CODE:
        return _CODE_BY_DOMAIN_CODE[error.code]
    return next((code for kind, code in _CODE_BY_ERROR if isinstance(error, kind)), BAD_REQUEST)


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal; one over a size limit keeps 413, since a client would retry a 429."""
    if isinstance(error, errors.TooLarge):
        return error.status
    return STATUS_BY_CODE.get(error_code_of(error), error.status)


def body_of(error: DomainError) -> dict[str, str]:
    """The JSON body that MLflow's client reads."""
    return {"error_code": error_code_of(error), "message": error.detail}

"""A typed client of the portal: its API, and the runs of its experiments as live tables and charts."""

from portal_client import models
from portal_client.calls import UNSET, Unset
from portal_client.client import Client
from portal_client.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    PortalError,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from portal_client.runs import Run, Runs

__all__ = [
    "UNSET", "Client", "Conflict", "InvalidInput", "NotFound", "PermissionDenied", "PortalError", "Run", "Runs",
    "Throttled", "Unauthenticated", "Unavailable", "Unset", "models",
]  # fmt: skip

"""What became of a request, for the figures and for the inference log."""

from dataclasses import dataclass, field

from deployments.gateway.routes import Choice, Route

LIVE, SHADOW = "live", "shadow"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request to one revision, or one that came to none. Bodies are as they were sent."""

    route: Route
    choice: Choice | None
    role: str
    request_id: str
    routing_key: str
    actor: str
    at: float
    seconds: float
    status: int
    code: str = ""
    content_type: str = ""
    request: bytes = field(default=b"", repr=False)
    response: bytes = field(default=b"", repr=False)

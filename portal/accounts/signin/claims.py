"""What the identity provider says about a person, wherever it says it."""

from typing import Any


def claims_of(extra_data: dict[str, Any]) -> dict[str, Any]:
    """The claims of the ID token and of the userinfo answer together; userinfo wins."""
    return {**(extra_data.get("id_token") or {}), **(extra_data.get("userinfo") or {})}

"""Calling the API as the people of `tests/conftest.py`."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def own_throttle(fresh_cache: None) -> None:
    """Every test begins with an empty counter."""


class ApiClient:
    """JSON in and out, with a token."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def __getattr__(self, method: str) -> Any:
        def call(path: str, data: Any = None, **headers: str) -> Any:
            send = getattr(self.client, method)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if method == "get":
                return send(f"/api/v1/{path}", data, headers=named)
            return send(f"/api/v1/{path}", data, content_type="application/json", headers=named)

        return call


@pytest.fixture
def api(token_for):
    """`api(ann)` is a client with a fresh token of ann's."""
    return lambda user, **token: ApiClient(token_for(user, **token))

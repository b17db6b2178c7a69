"""Calls to the portal. Refusals become MlflowException with the portal's own words."""

import os
from urllib.parse import quote, urlsplit

import requests
from mlflow.exceptions import MlflowException
from mlflow.protos import databricks_pb2 as codes
from mlflow.tracking import get_tracking_uri

_CODES = {
    400: codes.INVALID_PARAMETER_VALUE, 401: codes.UNAUTHENTICATED, 403: codes.PERMISSION_DENIED,
    404: codes.RESOURCE_DOES_NOT_EXIST, 409: codes.RESOURCE_CONFLICT, 429: codes.REQUEST_LIMIT_EXCEEDED,
    503: codes.TEMPORARILY_UNAVAILABLE,
}  # fmt: skip
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
CALL_SECONDS, SCORE_SECONDS = 60, 600


def address_of(target_uri: str) -> str:
    """The portal that a target means. Raises MlflowException where nothing says which."""
    tracking = get_tracking_uri() or ""
    rest = target_uri.partition(":")[2].lstrip("/").rstrip("/")
    if not rest:
        if not tracking.startswith(("http://", "https://")):
            raise MlflowException(
                "Say which portal: get_deploy_client('portal://host:port'), or set MLFLOW_TRACKING_URI."
            )
        return tracking.rstrip("/")
    host = urlsplit(f"//{rest}").hostname or ""
    known = urlsplit(tracking)
    scheme = known.scheme if known.netloc == rest.split("/")[0] else "http" if host in _LOOPBACK else "https"
    return f"{scheme}://{rest}"


class Portal:
    """One portal with the token of the environment."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()

    def call(self, method: str, path: str, **given):
        """An answer of /api/v1/ as JSON; None where there is none. Raises MlflowException."""
        return self.ask(method, f"{self.address}/api/v1/{path}", timeout=CALL_SECONDS, **given)

    def ask(self, method: str, url: str, *, timeout: float, **given):
        token = os.environ.get("MLFLOW_TRACKING_TOKEN", "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self.session.request(
                method, url, headers=headers, timeout=timeout, allow_redirects=False, **given
            )
        except requests.RequestException as error:
            raise MlflowException(
                f"The portal at {self.address} does not answer: {error}",
                error_code=codes.TEMPORARILY_UNAVAILABLE,
            ) from error
        if answer.status_code >= 300:
            raise MlflowException(
                _said(answer), error_code=_CODES.get(answer.status_code, codes.INTERNAL_ERROR)
            )
        return answer.json() if answer.content else None

    def all(self, path: str):
        """Every item of a list, page by page."""
        cursor, found = None, []
        while True:
            page = self.call("GET", path, params={"limit": 100, **({"cursor": cursor} if cursor else {})})
            found += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return found


def named(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")


def _said(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.reason}"
    return str(body.get("detail") or body.get("message") or body)

"""Speaks with the portal, and with whoever sits at the terminal."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = "http://127.0.0.1:8000"  # the portal puts its own address here
FAILED, CANCELLED, REFUSED = 1, 130, 2
PAUSE_SECONDS = 1.0
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


class Refused(Exception):
    """The portal, or this program, does not do it."""


class Missing(Refused):
    """There is no such thing, or the token may not see it."""


class Straight(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the token is for the portal alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Portal:
    """Speaks with the portal."""

    def __init__(self) -> None:
        env = os.environ
        self.url = (env.get("PORTAL_URL") or env.get("MLFLOW_TRACKING_URI") or HOME).rstrip("/")
        self.token = env.get("PORTAL_TOKEN") or env.get("MLFLOW_TRACKING_TOKEN") or ""
        if not self.url.startswith(("https://", "http://")):
            raise Refused(f"PORTAL_URL is an address that starts with https://, not {self.url}.")
        self.opener = urllib.request.build_opener(Straight)
        if not self.token:
            raise Refused(f"Set PORTAL_TOKEN to a token, which {self.url}/tokens/new makes.")

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """The answer: JSON as values, anything else as bytes. Raises Refused."""
        return self.call_headed(method, path, body, kind)[0]

    def items(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """All of a list, page by page."""
        while True:
            page = self.call("GET", f"{path}?{urllib.parse.urlencode({'limit': '200', **query})}")
            yield from page["items"]
            if not page["next_cursor"]:
                return
            query["cursor"] = page["next_cursor"]

    def call_headed(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """The same, with the headers of the answer."""
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", kind)
        for patience in (1, 2, 4, None):
            try:
                with self.opener.open(request, timeout=120) as answer:
                    raw, told = answer.read(), answer.headers
                break
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    raise Missing(reason_of(error)) from None
                if error.code not in (429, 502, 503, 504) or patience is None or method != "GET":
                    raise Refused(reason_of(error)) from None
            except (urllib.error.URLError, ConnectionError) as error:
                if patience is None or method != "GET":
                    raise Refused(f"{self.url} does not answer: {getattr(error, 'reason', error)}") from None
            time.sleep(patience)
        is_json = told.get_content_type().endswith("json")
        value = json.loads(raw) if is_json and raw else raw
        return value, told


def reason_of(error: urllib.error.HTTPError) -> str:
    raw = error.read()
    try:
        said = json.loads(raw)
        fields = "; ".join(f"{key}: {value}" for key, value in (said.get("errors") or {}).items())
        return f"{said.get('detail', '')} {fields}".strip() or f"The portal answered {error.code}."
    except (ValueError, AttributeError):
        return f"The portal answered {error.code}."


def text_read(path: str) -> str:
    """A file; `-` reads standard input."""
    return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")


def spec_read(path: str, keys: str) -> dict[str, Any]:
    """A specification from JSON or YAML with keys such as those. Raises Refused."""
    found = values_read(text_read(path), path)
    if not isinstance(found, dict):
        raise Refused(f"{path} is no object with keys such as {keys}.")
    return found


def values_read(text: str, path: str) -> Any:
    """What a text says as JSON or YAML. Raises Refused."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        import yaml
    except ImportError:
        raise Refused(
            f"{path} is no JSON, and PyYAML, which would read YAML, is not installed here."
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refused(f"{path} cannot be read: {error}") from None


def workspace_of(portal: Portal, wanted: str | None) -> str:
    """The workspace that is meant: the one of the caller where there is only one. Raises Refused."""
    if wanted:
        return wanted
    found = [str(each["name"]) for each in portal.items("workspaces")]
    if len(found) != 1:
        raise Refused(f"Say which workspace with --workspace: {', '.join(found) or 'you are in none'}.")
    return found[0]


def value_of(text: str) -> Any:
    """A number or a boolean where a text is one."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (int, float, bool, str)) else text


def parameters_of(given: list[str]) -> dict[str, Any]:
    """What `name=value` says, several times. Raises Refused."""
    found = {}
    for said in given:
        name, equals, value = said.partition("=")
        if not equals:
            raise Refused(f"A parameter is name=value, not {said}.")
        found[name] = value_of(value)
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

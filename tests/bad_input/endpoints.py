"""Every route of the protocol's dispatch table, with its placeholders filled in."""

import re

from portal.mlflow import PROTOCOL
from tests.bad_input.conftest import Target

_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")


def routes(target: Target) -> list[tuple[str, str]]:
    """Method and path of every endpoint, under both prefixes."""
    filled = {
        "name": "credit",
        "path": f"{target.artifacts}/file.txt",
        "model_id": "m-" + "0" * 32,
        "tag_key": "a",
    }
    patterns = [
        (method, _GROUP.sub(lambda match: filled.get(match[1], "x"), pattern.pattern).removesuffix(r"\Z"))
        for method, pattern, _ in PROTOCOL.patterns
    ]
    rest = [*PROTOCOL.fixed, *((method, path.replace("\\", "")) for method, path in patterns)]
    return [(method, f"/{prefix}/{path}") for prefix in ("api", "ajax-api") for method, path in rest]


def writing_routes(target: Target) -> list[tuple[str, str]]:
    """Those that read a JSON body."""
    return [
        (method, path)
        for method, path in routes(target)
        if method in ("POST", "PATCH", "DELETE") and "mlflow-artifacts" not in path
    ]

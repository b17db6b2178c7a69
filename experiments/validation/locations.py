"""Where an experiment may keep its artifacts: under the portal's own root, nowhere else.

MLflow takes any URI here, which has let callers read files of the host and reach other servers through it.
"""

from urllib.parse import unquote, urlsplit

from portal.kernel.mlflow_errors import invalid_parameter

OWN_ROOT = "mlflow-artifacts:/"
MAX_LOCATION_LENGTH = 500
_UNQUOTE_ROUNDS = 8


def artifact_location_checked(location: str | None, *, root: str = OWN_ROOT) -> str | None:
    """The location without a trailing slash, or None for "let the portal choose".

    `root` is the folder of the workspace. Anything outside it is refused, after undoing every layer of
    percent-encoding: another scheme or host, a query, a fragment, `;` parameters, `..` and backslashes.
    """
    if not location:
        return None
    if len(location) > MAX_LOCATION_LENGTH:
        raise invalid_parameter(
            "Invalid artifact path length. The length of the artifact path cannot be "
            f"greater than {MAX_LOCATION_LENGTH} characters."
        )
    plain = _fully_unquoted(location)
    if not _is_plain_path(plain) or not _is_inside(plain, root):
        raise invalid_parameter(
            f"Invalid artifact location {location[:200]!r}: an experiment keeps its artifacts under {root}. "
            "Leave artifact_location empty to let the server choose."
        )
    return plain.rstrip("/")


def _fully_unquoted(location: str) -> str:
    for _ in range(_UNQUOTE_ROUNDS):
        decoded = unquote(location)
        if decoded == location:
            return location
        location = decoded
    raise invalid_parameter("Invalid artifact location: it is percent-encoded too many times.")


def _is_plain_path(location: str) -> bool:
    if not location.isprintable() or any(character in location for character in "\\#?;%"):
        return False
    parts = urlsplit(location)
    names = parts.path.removeprefix("/").removesuffix("/").split("/")
    return not parts.netloc and {"..", ".", ""}.isdisjoint(names)


def _is_inside(location: str, root: str) -> bool:
    return location.startswith(root.rstrip("/") + "/")

"""Addresses of Git repositories that may be fetched from. An address never carries a credential, nor an option."""

import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from portal.kernel.errors import InvalidInput

BUNDLES = Path(settings.BASE_DIR) / "examples" / "repositories"
_BUNDLED = re.compile(r"bundled:([a-z0-9][a-z0-9-]{0,59})\Z")
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_SCP = re.compile(rf"(?:[A-Za-z0-9_][\w.-]*@)({_HOST}):(?!/?-)[^:]+\Z")


def git_protocol(url: str) -> str:
    """How the address is spoken to: https, ssh, what else the settings allow, or `bundled`. Raises InvalidInput."""
    if not url.isprintable() or " " in url or re.match(r"-|[\w+.-]+::", url):
        raise _refused(url, "it holds characters that no address of a repository has")
    if _BUNDLED.match(url):
        return "bundled"
    if "://" not in url and _SCP.match(url):
        return _permitted("ssh", url)
    try:
        parts = urlsplit(url)
        _host_check(url, parts)
    except ValueError as error:
        raise _refused(url, str(error)) from error
    return _permitted(parts.scheme.lower(), url)


def bundle_path(url: str) -> Path | None:
    """The file of a repository that the portal brings along; None for other addresses. Raises InvalidInput."""
    found = _BUNDLED.match(url)
    if found is None:
        return None
    path = BUNDLES / f"{found[1]}.bundle"
    if not path.is_file():
        names = ", ".join(f"bundled:{each.stem}" for each in sorted(BUNDLES.glob("*.bundle")))
        raise InvalidInput(
            f"code/git: the portal brings along no repository {found[1]}; it has {names}.",
            code="no_such_code",
        )
    return path


def _host_check(url: str, parts: SplitResult) -> None:
    if parts.scheme != "file" and not re.fullmatch(rf"{_HOST}|[0-9A-Fa-f:.]+", parts.hostname or ""):
        raise _refused(url, "it names no host")
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise InvalidInput(
            "code/git: an address carries no user or password, since it is shown to everybody. Keep the credential "
            "as a secret of the workspace and name that in code/secret.",
            code="invalid_spec",
        )
    if parts.username is not None and not re.fullmatch(r"[A-Za-z0-9_][\w.-]*", parts.username):
        raise _refused(url, "its user is none")
    _ = parts.port


def _permitted(scheme: str, url: str) -> str:
    if scheme not in settings.TRAINING_GIT_PROTOCOLS:
        raise _refused(url, f"this portal fetches by {', '.join(settings.TRAINING_GIT_PROTOCOLS)} only")
    return scheme


def _refused(url: str, why: str) -> InvalidInput:
    shown = "".join(each if each.isprintable() else "?" for each in url[:100])
    return InvalidInput(f"code/git: {shown} cannot be fetched: {why}.", code="invalid_spec")

"""Sending a file: whole, in part (RFC 9110 section 14), or not at all when the client has it already.

A file is always an attachment, so no browser shows what somebody uploaded as a page of ours.
"""

import mimetypes
import posixpath
import re
from email.utils import format_datetime
from urllib.parse import quote

from experiments.artifacts.checked import chunks_checked
from experiments.artifacts.store import Stored, artifact_store
from portal.api.call import Answer, Environ
from portal.kernel.errors import InvalidInput, NotFound

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))\s*\Z")
_TEXT = frozenset({
    "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml",
    "yml", "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb", "MLmodel", "MLproject",
})  # fmt: skip


def download(environ: Environ, path: str) -> Answer:
    """The file as the conditions and the range of the request ask for it. Raises NotFound."""
    facts = _facts(path)
    headers = _headers(path, facts)
    if facts.e_tag and facts.e_tag in _tags(environ.get("HTTP_IF_NONE_MATCH", "")):
        return Answer(b"", status=304, headers=headers)
    wanted = _range(environ, facts)
    if wanted is None:
        return _sent(
            environ, path, facts, 0, facts.size, [*headers, ("Content-Length", str(facts.size))], 200
        )
    start, end = wanted
    if start >= end:
        return Answer(b"", status=416, headers=[*headers, ("Content-Range", f"bytes */{facts.size}")])
    part = ("Content-Range", f"bytes {start}-{end - 1}/{facts.size}")
    return _sent(
        environ, path, facts, start, end, [*headers, part, ("Content-Length", str(end - start))], 206
    )


def _facts(path: str) -> Stored:
    try:
        return artifact_store().stat(path)
    except NotFound:
        if artifact_store().list_dir(path):
            raise InvalidInput(f"Artifact path refers to a directory, not a file: '{path}'") from None
        raise


def mime_type(name: str) -> str:
    """MLflow's guess from the name alone: text stays text, what is not known is bytes."""
    extension = posixpath.splitext(name)[1].removeprefix(".") or name
    if extension in _TEXT:
        return "text/plain"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def disposition(name: str) -> str:
    """Content-Disposition of an attachment (RFC 6266): a plain name for old clients, the real one encoded."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    encoded = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{encoded}'


def _sent(
    environ: Environ,
    path: str,
    facts: Stored,
    start: int,
    end: int,
    headers: list[tuple[str, str]],
    status: int,
) -> Answer:
    if environ["REQUEST_METHOD"] == "HEAD":
        return Answer(iter(()), status=status, headers=headers)
    return Answer(chunks_checked(path, facts, start, end), status=status, headers=headers)


def _headers(path: str, facts: Stored) -> list[tuple[str, str]]:
    name = posixpath.basename(path)
    headers = [
        ("Content-Type", mime_type(name)),
        ("Content-Disposition", disposition(name)),
        ("Last-Modified", format_datetime(facts.modified_at, usegmt=True)),
        ("Accept-Ranges", "bytes"),
    ]
    return [*headers, ("ETag", facts.e_tag)] if facts.e_tag else headers


def _range(environ: Environ, facts: Stored) -> tuple[int, int] | None:
    """The bytes to send, from and up to, or None for all; several ranges at once are answered with all."""
    match = _RANGE.match(environ.get("HTTP_RANGE", ""))
    if match is None or not _if_range_holds(environ.get("HTTP_IF_RANGE", ""), facts):
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return max(facts.size - int(suffix), 0), facts.size if int(suffix) else 0
    start = int(first)
    end = min(int(last) + 1, facts.size) if last else facts.size
    return None if last and int(last) < start else (start, end)


def _if_range_holds(condition: str, facts: Stored) -> bool:
    condition = condition.strip()
    return not condition or condition in (facts.e_tag, format_datetime(facts.modified_at, usegmt=True))


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]

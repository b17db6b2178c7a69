"""The one function that every path of an artifact goes through before anything else looks at it."""

import re
import unicodedata
from urllib.parse import unquote

from portal.kernel.errors import InvalidInput

MAX_NAME_BYTES = 250  # the local store appends a suffix to the name while it writes
MAX_PATH_BYTES = 800  # object stores take keys of 1,024 bytes, of which the root needs some
_DECODING_ROUNDS = 8
_REFUSED_CHARACTERS = frozenset("\\#?;")  # other separators, and what a URL parser would cut the path at
_SEPARATORS = frozenset("/\\")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DRIVE_OR_SCHEME = re.compile(r"(?:[a-z]|file):", re.IGNORECASE)


def path_normalised(raw: str, *, may_be_empty: bool = False) -> str:
    """The canonical relative path: decoded to its end, of plain names joined by single slashes.

    What comes back is what the store is asked for, so nothing decodes it again. Raises InvalidInput for
    whatever could mean another place: `..`, an absolute path, a drive, a backslash, an empty name. Where the
    path may be empty, as in a list, `.` means the same folder: MLflow's client asks so for all files of a run.
    """
    path = _decoded(raw).removesuffix("/")
    if may_be_empty:
        path = "/".join(name for name in path.split("/") if name != ".")
    if not path:
        if may_be_empty:
            return ""
        raise _invalid("it is empty")
    _characters_check(path)
    if len(path.encode()) > MAX_PATH_BYTES:
        raise _invalid(f"it is longer than {MAX_PATH_BYTES} bytes")
    for name in path.split("/"):
        _name_check(name)
    return path


def path_joined(root: str, path: str) -> str:
    """A normalised path below a normalised root."""
    return f"{root}/{path}" if path else root


def _decoded(raw: str) -> str:
    path = raw
    for _ in range(_DECODING_ROUNDS):
        try:
            decoded = unquote(path, errors="strict")
        except UnicodeDecodeError as error:
            raise _invalid("it is not valid UTF-8") from error
        if decoded == path:
            return path
        path = decoded
    raise _invalid("it is percent-encoded too many times")


def _characters_check(path: str) -> None:
    if not _REFUSED_CHARACTERS.isdisjoint(path):
        raise _invalid("it holds one of the characters \\ # ? ;")
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in path):
        raise _invalid("it holds a control character")


def _name_check(name: str) -> None:
    # Some systems fold look-alikes into the plain characters: a full-width slash, two dots in one.
    folded = unicodedata.normalize("NFKC", name)
    if folded in ("", ".", "..") or not _SEPARATORS.isdisjoint(folded):
        raise _invalid("it is absolute, or has an empty name, '.' or '..' in it")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise _invalid(f"a name in it is longer than {MAX_NAME_BYTES} bytes")
    if _DRIVE_OR_SCHEME.match(folded):
        raise _invalid("it names a drive or a file URI")


def _invalid(why: str) -> InvalidInput:
    return InvalidInput(f"Invalid path: {why}.")

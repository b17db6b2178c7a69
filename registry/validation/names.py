"""Which names of models, aliases, stages and tags the registry takes, and how long texts may be."""

import posixpath
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

from experiments.validation.names import length_check, tag_name_check
from experiments.validation.values import invalid_value, missing
from portal.kernel.mlflow_errors import invalid_parameter
from registry.models.registered_model import STAGES

MAX_NAME_LENGTH = 256
MAX_ALIAS_LENGTH = 255
MAX_KEY_LENGTH = 250
MAX_TAG_LENGTH = 100_000
MAX_DESCRIPTION_LENGTH = 100_000
MAX_VERSION = 2**31 - 1

_ALIAS = re.compile(r"[\w\-]*\Z")
_VERSION_ALIAS = re.compile(r"[vV]\d+\Z")
_STAGES = {stage.lower(): stage for stage in STAGES}
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def model_name_check(name: str | None, path: str = "name") -> None:
    """Refuse what MLflow refuses, and every name that another one could be taken for.

    Percent signs that decode, control characters and decomposed letters would make two names that look or decode
    alike.
    """
    if name is None or not name.strip():
        raise invalid_parameter(missing(path))
    if "/" in name or ":" in name:
        raise invalid_parameter(f"Invalid model name '{name[:300]}'. Names cannot contain '/' or ':'.")
    if posixpath.normpath(name) != name or name == "." or name.startswith(".."):
        raise invalid_parameter(
            invalid_value(
                "name",
                name,
                "Names may be treated as files in certain cases, and must not resolve to other names when treated as"
                f" such. This name would resolve to {posixpath.normpath(name)!r}",
            )
        )
    length_check("name", name, MAX_NAME_LENGTH)
    if not _is_canonical(name):
        raise invalid_parameter(
            f"Invalid model name {name!r}. A name has no space at its ends, no control character, no percent-encoding "
            "and no decomposed letters, so that no two names can be taken for each other."
        )


def _is_canonical(name: str) -> bool:
    plain = name == name.strip() and unquote(name) == name and "\\" not in name
    shown = not any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in name)
    return plain and shown and unicodedata.normalize("NFC", name) == name


def version_number_parse(version: str | int) -> int:
    """The number of a version. One that is too large for any version is 0, which none has."""
    try:
        number = int(version)
    except ValueError:
        raise invalid_parameter(
            f"Parameter 'version' must be an integer, got '{str(version)[:100]}'."
        ) from None
    return number if 0 < number <= MAX_VERSION else 0


def alias_check(alias: str | None, *, reserved: bool = True) -> None:
    """Refuse a bad alias; with `reserved` those, too, that MLflow keeps for itself and nobody may set."""
    if not alias:
        raise invalid_parameter("Registered model alias name cannot be empty.")
    if not _ALIAS.match(alias):
        raise invalid_parameter(
            f"Invalid alias name: '{alias[:300]}'. "
            "Names may only contain alphanumerics, underscores (_), and dashes (-)."
        )
    length_check("Registered model alias name", alias, MAX_ALIAS_LENGTH)
    if reserved and alias.lower() == "latest":
        raise invalid_parameter("'latest' alias name (case insensitive) is reserved.")
    if reserved and _VERSION_ALIAS.match(alias):
        raise invalid_parameter(f"Version alias name '{alias}' is reserved.")


def stage_parse(stage: str) -> str:
    """The stage in MLflow's spelling, from any mixture of capitals."""
    found = _STAGES.get(stage.lower())
    if found is None:
        raise invalid_parameter(
            f"Invalid Model Version stage: {stage[:100]}. Value must be one of {', '.join(STAGES)}."
        )
    return found


def tag_check(key: str | None, value: str | None) -> None:
    """Refuse a bad tag of a model or a version."""
    tag_name_check(key)
    length_check("key", key, MAX_KEY_LENGTH)
    length_check("value", value, MAX_TAG_LENGTH)


def tags_check(tags: Mapping[str, str]) -> None:
    """Refuse bad tags."""
    for key, value in tags.items():
        tag_check(key, value)


def description_check(description: str) -> None:
    """Refuse an overlong description."""
    length_check("description", description, MAX_DESCRIPTION_LENGTH)

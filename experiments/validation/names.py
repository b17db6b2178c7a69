"""Which names MLflow takes, and how long texts may be."""

import posixpath
import re

from experiments.validation.values import invalid_value, missing
from portal.kernel.mlflow_errors import invalid_parameter

MAX_KEY_LENGTH = 250
MAX_PARAM_LENGTH = 6_000
MAX_TAG_LENGTH = 8_000
MAX_EXPERIMENT_TAG_LENGTH = 20_000
MAX_EXPERIMENT_NAME_LENGTH = 500
MODEL_NAME_REFUSED = ("/", ":", ".", "%", '"', "'")

_ALLOWED = re.compile(r"^[/\w.\- :]*$")
_NO_KEY = "A key name must be provided."
_ALLOWED_HINT = (
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.),"
    " spaces ( ), colon(:) and slashes (/)."
)


def metric_name_check(name: str | None, path: str = "name") -> None:
    """Refuse a name that MLflow refuses for a metric."""
    if name is None:
        raise invalid_parameter(invalid_value(path, name, f"Metric name cannot be None. {_NO_KEY}"))
    _name_check(name, path)


def param_name_check(name: str | None, path: str = "key") -> None:
    """Refuse a name that MLflow refuses for a param."""
    if name is None:
        raise invalid_parameter(invalid_value(path, "", _NO_KEY))
    _name_check(name, path)


def tag_name_check(name: str | None, path: str = "key") -> None:
    """Refuse a name that MLflow refuses for a tag."""
    if name is None:
        raise invalid_parameter(missing(path))
    _name_check(name, path)


def experiment_name_check(name: str | None) -> None:
    """Refuse an empty or overlong experiment name."""
    if not name:
        raise invalid_parameter(f"Invalid experiment name: '{name}'")
    length_check("name", name, MAX_EXPERIMENT_NAME_LENGTH)


def experiment_tag_check(key: str, value: str) -> None:
    """Refuse a bad tag of an experiment; its value is never cut, unlike that of a run's tag."""
    tag_name_check(key)
    length_check("key", key, MAX_KEY_LENGTH)
    length_check("value", value, MAX_EXPERIMENT_TAG_LENGTH)


def logged_model_name_check(name: str | None) -> None:
    """Refuse a name that could be taken for a path or a URI; None asks for a name made up by the server."""
    if name is None:
        return
    if not name or any(character in name for character in MODEL_NAME_REFUSED):
        raise invalid_parameter(
            f"Invalid model name ({name!r}) provided. Model name must be a non-empty string "
            f"and cannot contain the following characters: {MODEL_NAME_REFUSED}"
        )
    length_check("name", name, MAX_EXPERIMENT_NAME_LENGTH)


def length_check(what: str, value: str | None, limit: int) -> None:
    """Refuse a text of more than `limit` characters."""
    if value is not None and len(value) > limit:
        raise invalid_parameter(f"'{what}' exceeds the maximum length of {limit} characters")


def _name_check(name: str, path: str) -> None:
    if not _ALLOWED.match(name):
        raise invalid_parameter(invalid_value(path, name, _ALLOWED_HINT))
    resolved = posixpath.normpath(name)
    if resolved != name or resolved == "." or resolved.startswith(("..", "/")):
        raise invalid_parameter(
            invalid_value(
                path,
                name,
                "Names may be treated as files in certain cases, and must not resolve to other names"
                f" when treated as such. This name would resolve to {resolved!r}",
            )
        )

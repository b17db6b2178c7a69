"""What the source of a version may look like: a URI of the portal's own, read once, after the last decoding.

Nothing here depends on a tag or on where the files lie: a source that could mean another place is refused, and what
is left is looked up by `registry.selectors.sources`, which asks whether the caller may read it.
"""

import re
from dataclasses import dataclass

from experiments.artifacts.paths import path_normalised
from portal.kernel.errors import InvalidInput
from portal.kernel.mlflow_errors import ProtocolError, invalid_parameter

RUNS, MODELS, ARTIFACTS = "runs", "models", "mlflow-artifacts"
PROMPT_SOURCES = frozenset({"dummy-source", "prompt-template"})
MAX_SOURCE_LENGTH = 2000
_URI = re.compile(r"(runs|models|mlflow-artifacts):/([^/][\w\W]*)\Z")
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}\Z")


@dataclass(frozen=True)
class Source:
    """A source in its parts. `path` is normalised and below what `owner` names.

    `owner` is the id of a run or logged model, or the name of a registered model with `version` or `alias`; it is
    empty for a path of the artifact store, whose first names say whose files they are.
    """

    scheme: str
    owner: str
    path: str = ""
    version: str = ""
    alias: str = ""

    @property
    def is_logged_model(self) -> bool:
        return self.scheme == MODELS and not self.version and not self.alias


def source_parse(source: str) -> Source:
    """The parts of a source. Raises ProtocolError for whatever is not plainly one of the portal's own URIs."""
    match = _URI.match(source)
    if match is None or len(source) > MAX_SOURCE_LENGTH:
        raise source_refused(
            source,
            "A version is made of files in the portal's own store: runs:/<run_id>/<path>, models:/<model_id>, "
            "models:/<name>/<version> or mlflow-artifacts:/<path>",
        )
    scheme, rest = match.groups()
    if scheme == MODELS:
        return _model_source(source, rest)
    try:
        path = path_normalised(rest)
    except InvalidInput as no:
        raise source_refused(source, no.detail.removesuffix(".")) from no
    if scheme == ARTIFACTS:
        return Source(ARTIFACTS, "", path)
    run_id, _, below = path.partition("/")
    return Source(RUNS, run_id, below)


def source_refused(source: str, why: str) -> ProtocolError:
    """The refusal of a source."""
    return invalid_parameter(f"Invalid model version source: '{source[:300]}'. {why}.")


def _model_source(source: str, rest: str) -> Source:
    """`models:/m-…`, `models:/name/3` or `models:/name@alias`; a name holds no character that could lead elsewhere."""
    if any(character in rest for character in "\\#?;%\x00"):
        raise source_refused(source, "It holds one of the characters \\ # ? ; %")
    owner, _, version = rest.partition("/")
    if version:
        if not (version.isdecimal() and version.isascii()):
            raise source_refused(source, "After the name comes the number of a version")
        return Source(MODELS, owner, version=version)
    if _MODEL_ID.match(owner):
        return Source(MODELS, owner)
    name, at, alias = owner.rpartition("@")
    if not at or not name or not alias:
        raise source_refused(source, "It names neither a logged model nor a version of a registered model")
    return Source(MODELS, name, alias=alias)

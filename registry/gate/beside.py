"""Where the portal keeps what it makes about a version: beside the artifact folder, where clients cannot write."""

from collections.abc import Iterator

from experiments.artifacts.locations import ARTIFACTS_FOLDER, URI_PREFIX, store_path
from experiments.artifacts.store import artifact_store
from portal.kernel.errors import NotFound
from registry.models import ModelVersion


def beside_uri(version: ModelVersion, folder: str, suffix: str) -> str:
    """The address of a file about exactly these bytes of a version."""
    owner, _, _ = store_path(version.artifact_location).partition(f"/{ARTIFACTS_FOLDER}")
    return f"{URI_PREFIX}{owner}/{folder}/{version.pk.hex}-{version.digest[:16]}.{suffix}"


def beside_read(uri: str, missing: str) -> Iterator[bytes]:
    """The bytes of such a file. Raises NotFound with the sentence `missing`."""
    try:
        return artifact_store().open(store_path(uri)).chunks
    except NotFound as error:
        raise NotFound(missing) from error

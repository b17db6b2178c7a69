"""Uploads in parts: the client puts each into the object store by a signed address, the portal joins them.

Parts lie in a folder that no path of the proxy leads to. The id of an upload is signed and holds its path, so
nothing has to be remembered between the calls and no id works for another path. An upload that is never
finished leaves its parts behind; let the bucket expire what is older than a day below `uploads/`.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.core import signing
from obstore.store import AzureStore

from experiments.artifacts.store import ArtifactStore
from portal.kernel.errors import InvalidInput, NotFound

MAX_PARTS = 10_000
UPLOADS_FOLDER = "uploads"
LIFETIME = timedelta(days=1)
_ADDRESS_LIFETIME = timedelta(hours=6)
_SALT = "experiments.artifacts.multipart"


@dataclass(frozen=True)
class Upload:
    """A file on its way in `parts` parts to `path`."""

    key: str
    path: str
    parts: int

    @property
    def folder(self) -> str:
        return f"{UPLOADS_FOLDER}/{self.key}"

    @property
    def id(self) -> str:
        return signing.dumps([self.key, self.path, self.parts], salt=_SALT)

    def part(self, number: int) -> str:
        return f"{self.folder}/{number:05}"


def upload_new(path: str, parts: int) -> Upload:
    """Begin an upload. Raises InvalidInput when it has no parts or too many."""
    if not 1 <= parts <= MAX_PARTS:
        raise InvalidInput(f"An upload has 1 to {MAX_PARTS} parts, not {parts}.")
    return Upload(uuid4().hex, path, parts)


def upload_read(upload_id: str, path: str) -> Upload:
    """The upload of an id that was given out for this path, and not long ago. Raises InvalidInput."""
    try:
        key, made_for, parts = signing.loads(upload_id, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidInput("The upload_id is unknown or too old. Begin the upload again.") from None
    if made_for != path:
        raise InvalidInput("The upload_id belongs to another file.")
    return Upload(key, path, parts)


def part_address(store: ArtifactStore, upload: Upload, number: int) -> str:
    """Where the client sends a part."""
    return store.signed_url("PUT", upload.part(number), _ADDRESS_LIFETIME)


def part_headers(store: ArtifactStore) -> dict[str, str]:
    """What the client must send with each part."""
    return {"x-ms-blob-type": "BlockBlob"} if isinstance(store.store, AzureStore) else {}


def parts_size(store: ArtifactStore, upload: Upload, tags: Mapping[int, str]) -> int:
    """The size of the whole file. Raises InvalidInput unless every part is there with the tag that it got."""
    if tags.keys() != set(range(1, upload.parts + 1)):
        raise InvalidInput(f"The upload has {upload.parts} parts; name each of them once.")
    size = 0
    for number, tag in tags.items():
        try:
            found = store.stat(upload.part(number))
        except NotFound:
            raise InvalidInput(f"Part {number} of the upload has not arrived.") from None
        if tag and tag.strip('"') != found.e_tag.strip('"'):
            raise InvalidInput(f"Part {number} of the upload is not the one that was sent.")
        size += found.size
    return size


def parts_joined(store: ArtifactStore, upload: Upload) -> Iterator[bytes]:
    """The bytes of the whole file, for writing it.

    They are read in a thread of their own: the store hangs when it is read from inside its own write.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        for number in range(1, upload.parts + 1):
            chunks = reader.submit(store.open, upload.part(number)).result().chunks
            while chunk := reader.submit(next, chunks, b"").result():
                yield chunk


def parts_remove(store: ArtifactStore, upload: Upload) -> None:
    with suppress(NotFound):
        store.delete(upload.folder)

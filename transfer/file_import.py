"""Brings files over. What came, with its SHA-256, is noted as it goes, so that a transfer that was cut off goes on."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from experiments.artifacts.paths import path_normalised
from experiments.artifacts.store import artifact_store
from experiments.selectors.artifacts import Place
from experiments.services.artifacts import artifact_put
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, DomainError, InvalidInput
from portal.kernel.mlflow_errors import ProtocolError
from transfer.models import Origin, Peer
from transfer.objects import FilesUnreadable, Reader, SourceFile
from transfer.progress import Progress
from transfer.report import Report
from transfer.services.files import files_note

FILES_PER_NOTE, BYTES_PER_NOTE = 50, 64 * 1024 * 1024
PlaceOf = Callable[[str], Place]


@dataclass
class FileImport:
    """Copies the files of one owner after the other."""

    actor: Actor
    reader: Reader
    peer: Peer
    report: Report
    progress: Progress

    def bring(self, there: str, here: str, uri: str, place_of: PlaceOf) -> None:
        """Copy the files below `uri` that are not here yet; `there` and `here` name their owner."""
        origin = Origin.objects.filter(peer=self.peer, kind="files", there=there).first()
        origin = origin or Origin(peer=self.peer, kind="files", there=there, here=here, seen={"files": {}})
        waiting, size = 0, 0
        try:
            for file in self.reader.files(uri):
                if not self._is_new(origin, file):
                    continue
                size += self._copy(origin, uri, file, place_of)
                waiting += 1
                if waiting >= FILES_PER_NOTE or size >= BYTES_PER_NOTE:
                    self._note(origin, place_of)
                    waiting, size = 0, 0
        except FilesUnreadable as no:
            self.report.leave_out("files", there, str(no))
        if waiting:
            self._note(origin, place_of)

    def _is_new(self, origin: Origin, file: SourceFile) -> bool:
        old = origin.seen["files"].get(file.path)
        return old is None or (file.size is not None and old[0] != file.size)

    def _copy(self, origin: Origin, uri: str, file: SourceFile, place_of: PlaceOf) -> int:
        """Copy one file; its size. What cannot come is listed."""
        digest, size = hashlib.sha256(), 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for chunk in self.reader.content(uri, file.path):
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        try:
            if path_normalised(file.path) != file.path:
                raise InvalidInput("its name could be taken for another one.")
            artifact_put(actor=self.actor, place=place_of(file.path), chunks=counted(), size=file.size)
        except (InvalidInput, Conflict, ProtocolError, FilesUnreadable) as no:
            why = no.detail if isinstance(no, DomainError) else str(no)
            self.report.leave_out("file", f"{origin.there} {file.path}", why)
            return 0
        origin.seen["checked"] = False
        origin.seen["files"][file.path] = [size, digest.hexdigest()]
        self.report.made["files"] += 1
        self.report.made["bytes of files"] += size
        self.progress.step("bytes", size)
        return size

    def _note(self, origin: Origin, place_of: PlaceOf) -> None:
        files_note(actor=self.actor, owner=place_of("").owner, origin=origin)


def file_digest(path: str) -> str:
    """The SHA-256 of a file of the portal's store, read anew."""
    digest = hashlib.sha256()
    for chunk in artifact_store().open(path).chunks:
        digest.update(chunk)
    return digest.hexdigest()

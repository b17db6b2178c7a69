"""Takes files to a store, each through a temporary copy, and reads it back to compare."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from portal.accounts.actor import Actor
from transfer.models import Origin, Peer
from transfer.objects import FilesUnreadable
from transfer.report import Report
from transfer.services.exports import export_note
from transfer.targets.mlflow_target import MlflowTarget


@dataclass
class FileExport:
    """Copies the files of one owner after the other."""

    actor: Actor
    peer: Peer
    target: MlflowTarget
    report: Report

    def take(self, owner: str, location: str, place: Callable[[], str]) -> None:
        """Copy the files at a location of the portal that are not there yet; `place` asks the store for the URI."""
        origin = Origin.objects.filter(peer=self.peer, kind="files", here=owner).first()
        origin = origin or Origin(peer=self.peer, kind="files", here=owner, there="", seen={"files": {}})
        root = store_path(location)
        for entry in artifact_store().list_files(root):
            path = entry.path.removeprefix(f"{root}/")
            mark = artifact_store().fingerprint(entry.path).text
            if origin.seen["files"].get(path, [""])[0] == mark:
                continue
            uri = origin.there = origin.there or place()
            digest = self._copy(entry.path, path, uri)
            origin.seen["files"][path] = [mark, digest]
            export_note(actor=self.actor, peer=self.peer, origin=origin)
            self.report.made["files"] += 1
            self._compare(uri, path, digest)

    def _copy(self, stored: str, path: str, uri: str) -> str:
        digest = hashlib.sha256()
        folder, _, name = path.rpartition("/")
        with tempfile.TemporaryDirectory(prefix="transfer-") as place:
            local = Path(place) / name
            with local.open("wb") as file:
                for chunk in artifact_store().open(stored).chunks:
                    digest.update(chunk)
                    file.write(chunk)
            self.target.file_put(uri, local, folder)
        return digest.hexdigest()

    def _compare(self, uri: str, path: str, digest: str) -> None:
        found = hashlib.sha256()
        self.report.checked["files"] += 1
        try:
            for chunk in self.target.files.content(uri, path):
                found.update(chunk)
        except FilesUnreadable as no:
            self.report.differ("file", path, str(no))
            return
        if found.hexdigest() != digest:
            self.report.differ("file", path, "it is not the one that was sent")

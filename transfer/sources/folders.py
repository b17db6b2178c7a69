"""What readers of folders share: one experiment, runs by folder, files from disk, no models and no registry."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from transfer.objects import (
    FilesUnreadable,
    Points,
    SourceExperiment,
    SourceFile,
    SourceModel,
    SourceRegistered,
    SourceRun,
)

READ_BYTES = 1024 * 1024
_RUNS_PER_PAGE = 20


class FolderReader:
    """A source whose runs are folders below one. `name` is the experiment that they come into."""

    kind = ""

    def __init__(self, folder: Path, *, name: str, address: str = "") -> None:
        self.folder, self.name = folder.resolve(), name
        self.address = address or f"file://{self.folder}"

    def experiments(self) -> Iterator[SourceExperiment]:
        yield SourceExperiment(
            id=self.name, name=self.name, stage="active", created_at=int(self.folder.stat().st_mtime * 1000),
            updated_at=int(self.folder.stat().st_mtime * 1000), tags={},
        )  # fmt: skip

    def runs(self, experiment: SourceExperiment) -> Iterator[Sequence[SourceRun]]:
        page: list[SourceRun] = []
        for run in self.found_runs():
            page.append(run)
            if len(page) == _RUNS_PER_PAGE:
                yield page
                page = []
        if page:
            yield page

    def found_runs(self) -> Iterator[SourceRun]:
        """The runs, one by one."""
        raise NotImplementedError

    def expect(self, wanted: Sequence[tuple[SourceRun, Sequence[str]]]) -> None:
        pass

    def history(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        """All points of these keys."""
        raise NotImplementedError

    def counts(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        return None

    def models(self, experiment: SourceExperiment) -> Iterator[SourceModel]:
        return iter(())

    def registered(self) -> Iterator[SourceRegistered]:
        return iter(())

    def files(self, uri: str) -> Iterator[SourceFile]:
        """The files of the folder at `uri`, never one that a link leads out to."""
        root = Path(uri)
        for file in sorted(root.rglob("*")):
            if file.is_file() and not file.is_symlink() and root in file.resolve().parents:
                yield SourceFile(file.relative_to(root).as_posix(), file.stat().st_size)

    def content(self, uri: str, path: str) -> Iterator[bytes]:
        try:
            with (Path(uri) / path).open("rb") as opened:
                while chunk := opened.read(READ_BYTES):
                    yield chunk
        except OSError as error:
            raise FilesUnreadable(f"{path} cannot be read: {error.strerror}") from error

"""TensorBoard's event files, through its own loader: each folder with some is a run."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.util.tensor_util import make_ndarray

from transfer.objects import Latest, Points, SourceFile, SourceRun, SourceUnavailable
from transfer.sources.columns import columns_of
from transfer.sources.folders import FolderReader
from transfer.sources.names import Names, file_name

_STATUS = {1: "FINISHED", 2: "FAILED", 3: "RUNNING"}  # of the hparams plugin
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}


@dataclass
class _Scan:
    """What one pass over the event files of a run tells."""

    latest: dict[str, Latest] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    status: str = "FINISHED"
    first: float = 0.0
    last: float = 0.0
    others: set[str] = field(default_factory=set)


class TensorBoardReader(FolderReader):
    """A log folder. Scalars in both of their forms, hparams, texts and images come; histograms and graphs do not."""

    kind = "tensorboard"

    def __init__(self, folder: Path, *, name: str, address: str = "") -> None:
        super().__init__(folder, name=name, address=address)
        if not folder.is_dir() or next(folder.rglob("*tfevents*"), None) is None:
            raise SourceUnavailable(f"{folder} holds no event files of TensorBoard's.")
        self._names: dict[str, Names] = {}
        self._taken_out: tempfile.TemporaryDirectory[str] | None = None

    def found_runs(self) -> Iterator[SourceRun]:
        folders = sorted({file.parent for file in self.folder.rglob("*tfevents*") if file.is_file()})
        for folder in folders:
            run_id = folder.relative_to(self.folder).as_posix()
            scan = self._scan(folder, run_id)
            tags = {"mlflow.runName": self.folder.name if run_id == "." else run_id}
            if scan.others:
                tags["tensorboard.left_out"] = ", ".join(sorted(scan.others))[:5000]
            yield SourceRun(
                id=run_id, name=tags["mlflow.runName"][:250], user_name="", status=scan.status, stage="active",
                start_time=int(scan.first * 1000), end_time=int(scan.last * 1000), params=scan.params, tags=tags,
                latest=sorted(scan.latest.values()), artifact_uri=str(folder),
            )  # fmt: skip

    def history(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        wanted, names = set(keys), self._names.setdefault(run.id, Names())
        rows = (
            (name, int(event.step), int(event.wall_time * 1000), number)
            for event, value, plugin in _values(Path(run.artifact_uri))
            if (number := _number(value, plugin)) is not None and (name := names.of(value.tag)) in wanted
        )
        return columns_of(rows)

    def files(self, uri: str) -> Iterator[SourceFile]:
        """Texts and images, taken out of the event files into a temporary folder."""
        if self._taken_out is not None:
            self._taken_out.cleanup()
        self._taken_out = tempfile.TemporaryDirectory(prefix="transfer-")
        root = Path(self._taken_out.name)
        for event, value, plugin in _values(Path(uri)):
            for name, content in _documents(value, plugin, int(event.step)):
                file = root / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return super().files(str(root))

    def content(self, uri: str, path: str) -> Iterator[bytes]:
        return super().content(self._taken_out.name if self._taken_out else uri, path)

    def _scan(self, folder: Path, run_id: str) -> _Scan:
        scan, names = _Scan(), self._names.setdefault(run_id, Names())
        for event, value, plugin in _values(folder):
            scan.first = min(scan.first or event.wall_time, event.wall_time)
            scan.last = max(scan.last, event.wall_time)
            number = _number(value, plugin)
            if number is not None:
                key, moment, step = names.of(value.tag), int(event.wall_time * 1000), int(event.step)
                old = scan.latest.get(key)
                if old is None or (old[3], old[2]) <= (step, moment):
                    scan.latest[key] = (key, number, moment, step)
            elif plugin == hparams.PLUGIN_NAME:
                _hparams(scan, value)
            elif plugin not in ("text", "images"):
                scan.others.add(f"{value.tag} ({plugin or 'of no plugin'})")
        return scan


def _values(folder: Path) -> Iterator[tuple[Any, Any, str]]:
    """`(event, value, plugin)` of all summaries of a run; only the first of a tag says its plugin."""
    plugins: dict[str, str] = {}
    for file in sorted(folder.glob("*tfevents*")):
        try:
            for event in EventFileLoader(str(file)).Load():
                for value in event.summary.value:
                    name = value.metadata.plugin_data.plugin_name
                    if name:
                        plugins.setdefault(value.tag, name)
                    yield event, value, plugins.get(value.tag, "")
        except (OSError, ValueError) as error:
            raise SourceUnavailable(f"{file} cannot be read: {error}") from error


def _number(value: Any, plugin: str) -> float | None:
    """The number of a scalar, in the old form and in that of a tensor."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if kind != "tensor" or plugin not in ("scalars", ""):
        return None
    try:
        found = make_ndarray(value.tensor)
        return float(found.item()) if found.size == 1 and found.dtype.kind in "fiub" else None
    except (TypeError, ValueError):
        return None


def _hparams(scan: _Scan, value: Any) -> None:
    content = value.metadata.plugin_data.content
    try:
        if value.tag == hparams.SESSION_START_INFO_TAG:
            for key, found in hparams.parse_session_start_info_plugin_data(content).hparams.items():
                kind = found.WhichOneof("kind")
                scan.params[key] = str(getattr(found, kind)) if kind else ""
        elif value.tag == hparams.SESSION_END_INFO_TAG:
            status = hparams.parse_session_end_info_plugin_data(content).status
            scan.status = _STATUS.get(status, scan.status)
    except hparams.error.HParamsError:
        scan.others.add(f"{value.tag} (of another version)")


def _documents(value: Any, plugin: str, step: int) -> Iterator[tuple[str, bytes]]:
    """The texts and images of a value as files."""
    if plugin not in ("text", "images") or value.WhichOneof("value") != "tensor":
        return
    found = [bytes(each) for each in value.tensor.string_val]
    tag = file_name(re.sub(r"/text_summary$", "", value.tag))
    if plugin == "text":
        yield f"text/{tag}/{step}.md", b"\n".join(found)
        return
    for number, image in enumerate(found[2:]):  # after width and height
        ending = next((ending for begin, ending in _KINDS.items() if image.startswith(begin)), "bin")
        suffix = f"-{number}" if len(found) > 3 else ""
        yield f"images/{tag}/{step}{suffix}.{ending}", image

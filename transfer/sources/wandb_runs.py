"""W&B's local folders: `run-*` and `offline-run-*`, each with a transaction log and the files of one run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf.message import DecodeError
from wandb.proto.wandb_internal_pb2 import Record

from transfer.objects import Latest, Points, SourceRun, SourceUnavailable
from transfer.sources.columns import columns_of
from transfer.sources.folders import FolderReader
from transfer.sources.leveldb_log import NotALog, records
from transfer.sources.names import Names
from transfer.sources.wandb_values import OWN, as_float, as_json, as_text, flatten, system_name, without_media

Row: TypeAlias = tuple[str, int, int, float]


@dataclass
class _Scan:
    """What one pass over the log of a run tells."""

    run_id: str = ""
    name: str = ""
    user: str = ""
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)
    latest: dict[str, Latest] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    status: str = "KILLED"  # unless an exit is recorded


class WandbReader(FolderReader):
    """A folder `wandb`, or the folder of one run."""

    kind = "wandb"

    def __init__(self, folder: Path, *, name: str, address: str = "") -> None:
        super().__init__(folder, name=name, address=address)
        self._logs = sorted([*self.folder.glob("*.wandb"), *self.folder.glob("*run-*/*.wandb")])
        if not self._logs:
            raise SourceUnavailable(
                f"{folder} holds no runs of W&B's: there is no folder run-* with a .wandb file in it."
            )
        self._names: dict[str, Names] = {}
        self._places: dict[str, Path] = {}

    def found_runs(self) -> Iterator[SourceRun]:
        for log in self._logs:
            scan = self._scan(log)
            # A run that was resumed has several logs; each is a run here, and says so by its id.
            run_id = (
                log.parent.name if sum(log.name == other.name for other in self._logs) > 1 else scan.run_id
            )
            tags = {"mlflow.runName": scan.name or scan.run_id, "wandb.run_id": scan.run_id, **scan.tags}
            tags |= {f"wandb.summary.{key}"[:250]: value[:5000] for key, value in scan.summary.items()}
            self._places[run_id] = log
            yield SourceRun(
                id=run_id, name=tags["mlflow.runName"][:250], user_name=scan.user, status=scan.status, stage="active",
                start_time=scan.first, end_time=max(scan.last, scan.first), params=scan.params, tags=tags,
                latest=sorted(scan.latest.values()), artifact_uri=str(log.parent / "files"),
            )  # fmt: skip

    def history(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        wanted = set(keys)
        return columns_of(row for row in self._rows(self._places[run.id]) if row[0] in wanted)

    def _scan(self, log: Path) -> _Scan:
        scan = _Scan(run_id=log.stem.removeprefix("run-"))
        for record in _records(log):
            kind = record.WhichOneof("record_type")
            if kind == "run":
                _run(scan, record.run)
            elif kind == "config":
                _config(scan, record.config)
            elif kind == "summary":
                for item in record.summary.update:
                    _summary(scan, _key(item), item.value_json)
            elif kind == "exit":
                scan.status = "FINISHED" if record.exit.exit_code == 0 else "FAILED"
            elif kind == "environment":
                _environment(scan, record.environment)
        for key, step, moment, value in self._rows(log):
            old = scan.latest.get(key)
            if old is None or (old[3], old[2]) <= (step, moment):
                scan.latest[key] = (key, value, moment, step)
            scan.first, scan.last = scan.first or moment, max(scan.last, moment)
        found = without_media(scan.summary)
        scan.summary = {key: value for key, value in found.items() if key not in scan.latest}
        return scan

    def _rows(self, log: Path) -> Iterator[Row]:
        """Points of the history and of the machine, which counts its own steps."""
        names, measured = self._names.setdefault(str(log), Names()), 0
        for record in _records(log):
            kind = record.WhichOneof("record_type")
            if kind == "history":
                yield from _history(record.history, names)
            elif kind == "stats":
                moment = record.stats.timestamp.ToMilliseconds()
                for item in record.stats.item:
                    value = as_float(as_json(item.value_json))
                    if value is not None:
                        name, factor = system_name(item.key)
                        yield names.of(name), measured, moment, value * factor
                measured += 1


def _records(log: Path) -> Iterator[Any]:
    try:
        for content in records(log):
            yield Record.FromString(content)
    except (NotALog, OSError, DecodeError) as error:
        raise SourceUnavailable(f"{log} cannot be read: {error}") from error


def _history(history: Any, names: Names) -> Iterator[Row]:
    flat: dict[str, Any] = {}
    for item in history.item:
        flatten(flat, _key(item), _value(item))
    step = int(as_float(flat.get("_step")) or history.step.num)
    moment = int((as_float(flat.get("_timestamp")) or 0) * 1000)
    for key, found in without_media(flat).items():
        value = as_float(found)
        if value is not None and not key.startswith(OWN):
            yield names.of(key), step, moment, value


def _run(scan: _Scan, run: Any) -> None:
    scan.run_id, scan.name = run.run_id or scan.run_id, run.display_name or scan.name
    scan.first = run.start_time.ToMilliseconds() or scan.first
    _config(scan, run.config)
    texts = {
        "mlflow.note.content": run.notes, "wandb.project": run.project, "wandb.entity": run.entity,
        "wandb.group": run.run_group, "wandb.job_type": run.job_type, "wandb.sweep_id": run.sweep_id,
        "wandb.tags": ", ".join(run.tags), "wandb.host": run.host,
        "mlflow.source.git.repoURL": run.git.remote_url, "mlflow.source.git.commit": run.git.commit,
    }  # fmt: skip
    scan.tags |= {key: text for key, text in texts.items() if text}


def _environment(scan: _Scan, found: Any) -> None:
    texts = {
        "mlflow.source.name": found.program, "mlflow.source.git.repoURL": found.git.remote_url,
        "mlflow.source.git.commit": found.git.commit, "wandb.python": found.python, "wandb.os": found.os,
        "mlflow.user": found.username,
    }  # fmt: skip
    scan.tags |= {key: text for key, text in texts.items() if text}
    scan.user = found.username or scan.user


def _config(scan: _Scan, config: Any) -> None:
    names = Names()
    for item in config.update:
        flat: dict[str, Any] = {}
        flatten(flat, _key(item), as_json(item.value_json))
        for key, value in flat.items():
            if not key.startswith("_wandb"):
                scan.params[names.of(key)] = as_text(value)


def _summary(scan: _Scan, key: str, text: str) -> None:
    """What a summary says beyond the last points; those of the history say themselves."""
    if not key.startswith(OWN):
        scan.summary[key] = as_text(as_json(text))


def _key(item: Any) -> str:
    return ".".join(item.nested_key) if item.nested_key else item.key


def _value(item: Any) -> Any:
    """The value of an item of the history, which newer versions write with a type of its own."""
    if item.value_json:
        return as_json(item.value_json)
    kind = next((name for name in ("boolean", "integer", "number", "text", "json") if _has(item, name)), "")
    if not kind:
        return None
    found = getattr(item, kind)
    return as_json(found) if kind == "json" else found


def _has(item: Any, name: str) -> bool:
    try:
        return bool(item.HasField(name))
    except ValueError:
        return False  # this version of W&B knows no such field

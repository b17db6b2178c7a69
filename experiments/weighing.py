"""What a run comes to before it is collected: its files, its points, and a digest of all that it was."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from experiments.artifacts.locations import model_location, run_location, store_path
from experiments.artifacts.store import ArtifactStore, Entry, artifact_store
from experiments.models import LoggedModel, Run
from experiments.services.collections import Weighed
from portal.kernel import sql

_WORDS = """
SELECT run_id, 'param', key, value FROM experiments_param WHERE run_id = ANY(%(ids)s)
UNION ALL SELECT run_id, 'tag', key, value FROM experiments_runtag WHERE run_id = ANY(%(ids)s)
UNION ALL SELECT run_id, 'metric', key, CASE WHEN is_nan THEN 'NaN' ELSE value::text END || ' at step ' || step
    FROM experiments_latestmetric WHERE run_id = ANY(%(ids)s)
ORDER BY 1, 2, 3
"""
_POINTS = """
SELECT run_id, key, sum(points)::bigint FROM experiments_metricchunk WHERE run_id = ANY(%(ids)s)
GROUP BY run_id, key ORDER BY run_id, key
"""


def runs_weighed(runs: Sequence[Run], reason: dict[UUID, str]) -> list[Weighed]:
    """The runs with their files and points; the store is asked, so no transaction is open."""
    asked = {"ids": [run.pk for run in runs]}
    words: dict[UUID, list[Any]] = defaultdict(list)
    for run_id, *said in sql.rows(_WORDS, asked):
        words[run_id].append(said)
    points: dict[UUID, dict[str, int]] = defaultdict(dict)
    for run_id, key, count in sql.rows(_POINTS, asked):
        points[run_id][key] = count
    models: dict[UUID, list[LoggedModel]] = defaultdict(list)
    for model in LoggedModel.objects.filter(source_run__in=asked["ids"]).order_by("pk"):
        if model.source_run_id is not None:
            models[model.source_run_id].append(model)
    return [_weighed(run, words[run.pk], points[run.pk], models[run.pk], reason[run.pk]) for run in runs]


def run_folders(run: Run, models: Iterable[LoggedModel]) -> list[str]:
    """Where the files of a run and of its logged models lie in the store."""
    place = (run.workspace_id, run.experiment_id)
    own = [run_location(*place, run.pk)]
    own += [model_location(model.workspace_id, model.experiment_id, model.pk) for model in models]
    return [store_path(location).rpartition("/")[0] for location in own]


def folder_remove(store: ArtifactStore, folder: str) -> None:
    """Remove all files below a folder, a thousand at a time; where none is, that is well."""
    batch: list[str] = []
    for entry in store.list_files(folder):
        batch.append(entry.path)
        if len(batch) == 1_000:
            store.delete_files(batch)
            batch = []
    store.delete_files(batch)


def _weighed(
    run: Run, words: list[Any], points: dict[str, int], models: list[LoggedModel], reason: str
) -> Weighed:
    store = artifact_store()
    files: list[Entry] = [entry for folder in run_folders(run, models) for entry in store.list_files(folder)]
    said = {
        "run_id": run.pk.hex, "name": run.name, "experiment_id": run.experiment_id, "status": run.status,
        "start_time": run.start_time, "end_time": run.end_time, "data": words, "points": points,
        "models": [[model.pk, model.name, model.digest] for model in models],
        "files": [[entry.path, entry.size] for entry in files],
    }  # fmt: skip
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return Weighed(
        run=run, files=len(files), bytes=sum(entry.size or 0 for entry in files), points=sum(points.values()),
        digest=hashlib.sha256(text.encode()).hexdigest(), reason=reason,
    )  # fmt: skip

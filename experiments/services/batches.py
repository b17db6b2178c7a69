"""Writers of what a training script logs: metric points, params and tags.

Points are data, not acts, so they are not audited one by one. A call that only logs points is one statement
in autocommit mode: it counts up the run's changes (which also holds the run against a concurrent writer and
proves that it is active and writable to the caller), appends chunks and moves the latest values. A call with
params or tags takes the same run row first, then writes each table with one statement.
"""

from typing import Any
from uuid import UUID

from django.db import transaction

from experiments.batch import Batch, Metrics, Pairs
from experiments.models import Run
from experiments.models.metrics import LOOSE_BELOW, POINTS_PER_CHUNK
from experiments.services.held_runs import LOG, TAKE, HeldRun, run_take, tags_write, take_params, why_not
from experiments.services.logged_models import model_metrics_write
from experiments.services.packing import packed
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.mlflow_errors import ProtocolError
from portal.operations import Changed, operation, writer

MERGE_AFTER_CHUNKS = 64

_POINTS = """
chunk AS (
    INSERT INTO experiments_metricchunk
        (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
    SELECT run.id, c.key, given.steps[c.start], given.steps[c.start + c.points - 1], c.points, c.is_sorted,
        given.steps[c.start : c.start + c.points - 1],
        given.timestamps[c.start : c.start + c.points - 1],
        given.values[c.start : c.start + c.points - 1]
    FROM run, (SELECT %(steps)s::bigint[] AS steps, %(timestamps)s::bigint[] AS timestamps,
                      %(values)s::float8[] AS values) AS given,
        unnest(%(chunk_keys)s::text[], %(starts)s::int[], %(counts)s::int[], %(sorted_flags)s::bool[])
            AS c(key, start, points, is_sorted)
), latest AS (
    INSERT INTO experiments_latestmetric AS old
        (run_id, experiment_id, key, value, is_nan, step, timestamp, loose)
    SELECT run.id, run.experiment_id, n.key, n.value, n.is_nan, n.step, n.timestamp, n.loose
    FROM run, unnest(%(keys)s::text[], %(latest_values)s::float8[], %(latest_nans)s::bool[],
                     %(latest_steps)s::bigint[], %(latest_timestamps)s::bigint[], %(loose_per_key)s::smallint[])
        AS n(key, value, is_nan, step, timestamp, loose)
    ON CONFLICT (run_id, key) DO UPDATE SET
        (value, is_nan, step, timestamp) = (
            SELECT CASE WHEN is_newer THEN excluded.value ELSE old.value END,
                   CASE WHEN is_newer THEN excluded.is_nan ELSE old.is_nan END,
                   CASE WHEN is_newer THEN excluded.step ELSE old.step END,
                   CASE WHEN is_newer THEN excluded.timestamp ELSE old.timestamp END
            FROM (SELECT (excluded.step, excluded.timestamp, excluded.value)
                         > (old.step, old.timestamp, old.value)) AS c(is_newer)),
        loose = old.loose + excluded.loose
    RETURNING key, loose
)
SELECT (SELECT count(*) FROM run), ARRAY(SELECT key FROM latest WHERE loose >= %(merge_after)s)
"""
_LOG_POINTS = f"WITH run AS ({TAKE}), {_POINTS}"
_ADD_POINTS = f"""
WITH run AS (SELECT id, experiment_id FROM experiments_run WHERE id = %(run)s), {_POINTS}"""  # noqa: S608
# The old value of a param that is already there; the run's row is held, so nobody adds one meanwhile.
_PARAMS = """
WITH wanted AS (SELECT * FROM unnest(%(keys)s::text[], %(values)s::text[]) AS w(key, value)), added AS (
    INSERT INTO experiments_param (run_id, experiment_id, key, value)
    SELECT %(run)s, %(experiment)s, key, value FROM wanted ON CONFLICT DO NOTHING
)
SELECT p.key, p.value, wanted.value FROM wanted
JOIN experiments_param p ON p.run_id = %(run)s AND p.key = wanted.key WHERE p.value <> wanted.value
"""
# Loose chunks that lie side by side become full ones, in order and without repeated points. Chunks with a
# large one between them stay apart, so that chunks that do not overlap never begin to.
_MERGE = """
WITH run AS (SELECT id FROM experiments_run WHERE id = %(run)s FOR NO KEY UPDATE), chunk AS (
    SELECT c.id, c.points, count(*) FILTER (WHERE c.points >= %(loose)s) OVER (ORDER BY c.first_step, c.id) AS island
    FROM experiments_metricchunk c JOIN run ON c.run_id = run.id WHERE c.key = %(key)s
), gone AS (
    DELETE FROM experiments_metricchunk c USING chunk WHERE c.id = chunk.id AND chunk.points < %(loose)s
    RETURNING chunk.island, c.steps, c.timestamps, c.values
), point AS (
    SELECT DISTINCT gone.island, p.step, p.timestamp, p.value
    FROM gone, unnest(gone.steps, gone.timestamps, gone.values) AS p(step, timestamp, value)
), placed AS (
    SELECT *, (row_number() OVER byrank - 1) / %(full)s AS part,
        (row_number() OVER byrank - 1) %% %(full)s = 0
            OR (step > lag(step) OVER byrank AND timestamp >= lag(timestamp) OVER byrank) AS follows
    FROM point WINDOW byrank AS (PARTITION BY island ORDER BY step, timestamp, value)
), merged AS (
    INSERT INTO experiments_metricchunk
        (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
    SELECT %(run)s, %(key)s, min(step), max(step), count(*), bool_and(follows),
        array_agg(step ORDER BY step, timestamp, value), array_agg(timestamp ORDER BY step, timestamp, value),
        array_agg(value ORDER BY step, timestamp, value)
    FROM placed GROUP BY island, part
)
UPDATE experiments_latestmetric SET loose = 0 FROM run WHERE run_id = run.id AND key = %(key)s
"""


@writer(LOG)
def metrics_log(*, actor: Actor, run_id: str, metrics: Metrics) -> None:
    """Append points to a run. Raises ProtocolError when the run is unknown, not visible or deleted."""
    _metrics_write(actor, run_id, metrics)


@writer(LOG)
def batch_log(*, actor: Actor, run_id: str, batch: Batch) -> None:
    """Log points, params and tags in one transaction. Raises ProtocolError; then nothing is written."""
    if batch.metrics and not batch.params and not batch.tags:
        _metrics_write(actor, run_id, batch.metrics)
    else:
        _batch_write(actor, run_id, batch)


@operation("experiments.run.tag", on="run")
def tagged_batch_log(*, actor: Actor, run: Run, batch: Batch) -> Changed[None]:
    """The same with tags that people set: an act, and audited as one."""
    taken = run_take(actor, run.pk.hex)
    old = _write(taken, run.pk.hex, batch)
    new = dict(zip(batch.tags.keys, batch.tags.values, strict=True))
    return Changed(
        None, before={f"tags.{key}": old.get(key) for key in new}, after={f"tags.{k}": new[k] for k in new}
    )


@writer(LOG)
def param_log(*, actor: Actor, run_id: str, key: str, value: str) -> None:
    """Log one param. Raises ProtocolError when it already has another value."""
    with transaction.atomic():
        taken = run_take(actor, run_id)
        for _, old, new in _params_write(taken, Pairs([key], [value])):
            raise ProtocolError(
                f"Changing param values is not allowed. Param with key='{key}' was already logged with "
                f"value='{old}' for run ID='{run_id}'. Attempted logging new value '{new}'."
            )


def _metrics_write(actor: Actor, run_id: str, metrics: Metrics) -> None:
    if metrics.model_ids is not None:
        return _batch_write(actor, run_id, Batch(run_id, metrics, Pairs(), Pairs()))
    params = {**take_params(actor, run_id), **packed(metrics).params(), "merge_after": MERGE_AFTER_CHUNKS}
    count, crowded = _one(_LOG_POINTS, params)
    if not count:
        raise why_not(actor, run_id)
    _merge(params["run"], crowded)
    return None


def _batch_write(actor: Actor, run_id: str, batch: Batch) -> None:
    with transaction.atomic():
        _write(run_take(actor, run_id), run_id, batch)


def _write(taken: HeldRun, run_id: str, batch: Batch) -> dict[str, str]:
    if batch.params:
        _params_require_unchanged(run_id, _params_write(taken, batch.params))
    if batch.metrics:
        points_add(taken.id, batch.metrics)
        model_metrics_write(run_id=taken.id, metrics=batch.metrics)
    tags = dict(zip(batch.tags.keys, batch.tags.values, strict=True))
    if "mlflow.runName" in tags:
        sql.execute("UPDATE experiments_run SET name = %s WHERE id = %s", (tags["mlflow.runName"], taken.id))
    return tags_write(taken, tags) if tags else {}


def points_add(run_id: UUID, metrics: Metrics) -> None:
    """Append points to a run whose row the caller holds in the open transaction, and has asked permission for."""
    values = {**packed(metrics).params(), "run": run_id, "merge_after": MERGE_AFTER_CHUNKS}
    _, crowded = _one(_ADD_POINTS, values)
    _merge(run_id, crowded)


def _params_write(taken: HeldRun, params: Pairs) -> list[tuple[Any, ...]]:
    return sql.rows(
        _PARAMS,
        {"run": taken.id, "experiment": taken.experiment_id, "keys": params.keys, "values": params.values},
    )


def _params_require_unchanged(run_id: str, changed: list[tuple[Any, ...]]) -> None:
    if changed:
        shown = [{"key": key, "old_value": old, "new_value": new} for key, old, new in changed]
        raise ProtocolError(
            f"Changing param values is not allowed. Params were already logged='{shown}' for run ID='{run_id}'."
        )


def _merge(run_id: UUID, keys: list[str]) -> None:
    for key in keys:
        sql.execute(_MERGE, {"run": run_id, "key": key, "full": POINTS_PER_CHUNK, "loose": LOOSE_BELOW})


def _one(statement: str, params: dict[str, Any]) -> tuple[Any, ...]:
    found = sql.row(statement, params)
    if found is None:
        raise LookupError("A statement without FROM gives one row.")
    return found

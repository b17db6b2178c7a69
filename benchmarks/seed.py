"""The same runs in both schemas, made by PostgreSQL itself: same ids, names, values, points."""

import hashlib

import psycopg

METRICS, PARAMS = 10, 10
LONG_POINTS, MANY_POINTS, MANY_RUNS = 100_000, 10_000, 20
START_MS = 1_700_000_000_000

# One value for a run and a name, equal on both sides: 16 bits of a hash, as a fraction.
_VALUE = "((hashtext(i || '/' || k) & 65535) / 65536.0)"
_PARAM = "('v' || (hashtext(i || '.' || k) & 7))"

_STOCK = f"""
INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                  source_version, lifecycle_stage, artifact_uri, experiment_id)
SELECT md5('run' || i), 'run-' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED', {START_MS} + i, {START_MS} + i + 500,
       '', 'active', 'mlflow-artifacts:/%(experiment)s/' || md5('run' || i) || '/artifacts', %(experiment)s
FROM generate_series(1, %(runs)s) i;
INSERT INTO tags (run_uuid, key, value)
SELECT md5('run' || i), k, CASE k WHEN 'mlflow.runName' THEN 'run-' || i ELSE 'bench' END
FROM generate_series(1, %(runs)s) i, unnest('{{mlflow.runName,mlflow.user,mlflow.source.name}}'::text[]) k;
INSERT INTO params (run_uuid, key, value)
SELECT md5('run' || i), 'param' || k, {_PARAM} FROM generate_series(1, %(runs)s) i, generate_series(0, {PARAMS - 1}) k;
INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan)
SELECT md5('run' || i), 'metric' || k, {_VALUE}, {START_MS} + i, 0, false
FROM generate_series(1, %(runs)s) i, generate_series(0, {METRICS - 1}) k;
INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
SELECT run_uuid, key, value, timestamp, step, is_nan FROM latest_metrics WHERE key LIKE 'metric_';
"""
_STOCK_POINTS = f"""
INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
SELECT md5('run' || %(run)s), %(key)s, 1.0 / (1 + s), {START_MS} + s, s, false FROM generate_series(0, %(points)s - 1) s;
INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan)
SELECT md5('run' || %(run)s), %(key)s, 1.0 / %(points)s, {START_MS} + %(points)s - 1, %(points)s - 1, false;
"""
_PORTAL = f"""
INSERT INTO experiments_run (id, name, user_name, status, lifecycle_stage, start_time, end_time, artifact_uri, changes,
                             experiment_id, workspace_id)
SELECT md5('run' || i)::uuid, 'run-' || i, 'bench', 'FINISHED', 'active', {START_MS} + i, {START_MS} + i + 500,
       e.artifact_location || '/' || md5('run' || i) || '/artifacts', 1, e.id, e.workspace_id
FROM generate_series(1, %(runs)s) i, experiments_experiment e WHERE e.id = %(experiment)s;
INSERT INTO experiments_runtag (run_id, experiment_id, key, value)
SELECT md5('run' || i)::uuid, %(experiment)s, k, CASE k WHEN 'mlflow.runName' THEN 'run-' || i ELSE 'bench' END
FROM generate_series(1, %(runs)s) i, unnest('{{mlflow.runName,mlflow.user,mlflow.source.name}}'::text[]) k;
INSERT INTO experiments_param (run_id, experiment_id, key, value)
SELECT md5('run' || i)::uuid, %(experiment)s, 'param' || k, {_PARAM}
FROM generate_series(1, %(runs)s) i, generate_series(0, {PARAMS - 1}) k;
INSERT INTO experiments_latestmetric (run_id, experiment_id, key, value, timestamp, step, is_nan, loose)
SELECT md5('run' || i)::uuid, %(experiment)s, 'metric' || k, {_VALUE}, {START_MS} + i, 0, false, 1
FROM generate_series(1, %(runs)s) i, generate_series(0, {METRICS - 1}) k;
INSERT INTO experiments_metricchunk (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
SELECT run_id, key, step, step, 1, true, ARRAY[step], ARRAY[timestamp], ARRAY[value] FROM experiments_latestmetric
WHERE key LIKE 'metric_';
"""
_PORTAL_POINTS = f"""
INSERT INTO experiments_metricchunk (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
SELECT md5('run' || %(run)s)::uuid, %(key)s, min(s), max(s), count(*), true, array_agg(s ORDER BY s),
       array_agg({START_MS} + s ORDER BY s), array_agg(1.0 / (1 + s) ORDER BY s)
FROM generate_series(0, %(points)s - 1) s GROUP BY s / 256 ORDER BY 3;
INSERT INTO experiments_latestmetric (run_id, experiment_id, key, value, timestamp, step, is_nan, loose)
SELECT md5('run' || %(run)s)::uuid, experiment_id, %(key)s, 1.0 / %(points)s, {START_MS} + %(points)s - 1,
       %(points)s - 1, false, 0 FROM experiments_run WHERE id = md5('run' || %(run)s)::uuid;
"""


def stock_seed(url: str, experiment: str, runs: int) -> None:
    _seed(url, _STOCK, _STOCK_POINTS, experiment, runs)


def portal_seed(url: str, experiment: str, runs: int) -> None:
    _seed(url, _PORTAL, _PORTAL_POINTS, experiment, runs)


def run_id(number: int) -> str:
    """The id that a seeded run has on both sides."""
    return hashlib.md5(f"run{number}".encode(), usedforsecurity=False).hexdigest()


def _seed(url: str, base: str, points: str, experiment: str, runs: int) -> None:
    # Client-side cursors: the statements hold several commands each.
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(base, {"experiment": int(experiment), "runs": runs})
        connection.execute(points, {"run": 1, "key": "long", "points": LONG_POINTS})
        for number in range(2, 2 + MANY_RUNS):
            connection.execute(points, {"run": number, "key": "many", "points": MANY_POINTS})
        connection.execute("VACUUM ANALYZE")

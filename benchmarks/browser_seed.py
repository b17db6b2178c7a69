"""Runs for the experiment browser, made by PostgreSQL itself: 10 params, 10 metrics and 5 tags each."""

import psycopg

START_MS, HOUR_MS = 1_760_000_000_000, 3_600_000

# A hash of the run and a name as a number from 0 to 65535.
_DICE = "(hashtext(i || '/' || {0}) & 65535)"
# Of the ten params, four have few values, three have some, two are numbers that differ in each run, one never differs.
_PARAM = f"""CASE WHEN k < 4 THEN 'v' || ({_DICE.format("'p' || k")} %% 6) WHEN k < 7 THEN (2 ^ ({_DICE.format("'p' || k")} %% 40))::text
    WHEN k < 9 THEN ({_DICE.format("'p' || k")} / 65536.0)::text ELSE 'adam' END"""
# Of the ten metrics, one is 1 in half of the runs, one is NaN in every hundredth, one is missing in every other run.
_METRIC = f"""CASE WHEN k = 7 AND {_DICE.format("'m7'")} < 32768 THEN 1 WHEN k = 8 AND i %% 100 = 0 THEN 0
    ELSE {_DICE.format("'m' || k")} / 65536.0 + i * 1e-9 END"""

SEED = f"""
INSERT INTO experiments_run (id, name, user_name, status, lifecycle_stage, start_time, end_time, artifact_uri, changes,
                             experiment_id, workspace_id)
SELECT (lpad(to_hex(at), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid,
       (ARRAY['amber','brisk','calm','daring','eager','fleet','gentle','hardy'])[1 + {_DICE.format("'a'")} %% 8] || '-' ||
       (ARRAY['otter','maple','harbor','comet','falcon','ember'])[1 + {_DICE.format("'b'")} %% 6] || '-' || i,
       'user-' || ({_DICE.format("'u'")} %% 30),
       CASE WHEN i > %(last)s - 20 THEN 'RUNNING' WHEN {_DICE.format("'s'")} < 5000 THEN 'FAILED'
            WHEN {_DICE.format("'s'")} < 6000 THEN 'KILLED' ELSE 'FINISHED' END,
       CASE WHEN {_DICE.format("'d'")} < 1300 THEN 'deleted' ELSE 'active' END, at,
       CASE WHEN i > %(last)s - 20 THEN NULL ELSE at + 60000 + {_DICE.format("'t'")} * 100 END,
       e.artifact_location || '/' || md5('run' || i) || '/artifacts', 1, e.id, e.workspace_id
FROM generate_series(%(first)s, %(last)s) i, LATERAL (SELECT {START_MS} + i::bigint * 60000 AS at) moment,
     experiments_experiment e WHERE e.id = %(experiment)s;
CREATE TEMP TABLE made AS SELECT id, name, user_name, start_time, substring(name from '[0-9]+$')::int AS i
FROM experiments_run WHERE experiment_id = %(experiment)s AND start_time > {START_MS} + (%(first)s - 1)::bigint * 60000;
INSERT INTO experiments_runtag (run_id, experiment_id, key, value)
SELECT id, %(experiment)s, k, CASE k WHEN 'mlflow.runName' THEN name WHEN 'mlflow.user' THEN user_name
    WHEN 'mlflow.source.git.commit' THEN md5(({_DICE.format("'c'")} %% 200)::text)
    WHEN 'team' THEN (ARRAY['risk','fraud','pricing','growth'])[1 + {_DICE.format("'team'")} %% 4]
    ELSE 'Try ' || i || ' with ' || (ARRAY['more trees','a lower rate','fresh data','the old features'])[1 + {_DICE.format("'n'")} %% 4] END
FROM made, unnest('{{mlflow.runName,mlflow.user,mlflow.source.git.commit,team,mlflow.note.content}}'::text[]) k;
INSERT INTO experiments_param (run_id, experiment_id, key, value)
SELECT id, %(experiment)s, 'param' || k, {_PARAM} FROM made, generate_series(0, 9) k;
INSERT INTO experiments_latestmetric (run_id, experiment_id, key, value, timestamp, step, is_nan, loose)
SELECT id, %(experiment)s, 'metric' || k, {_METRIC}, start_time, 0, k = 8 AND i %% 100 = 0, 0
FROM made, generate_series(0, 9) k WHERE k <> 9 OR i %% 2 = 0;
DROP TABLE made;
"""


def runs_seed(url: str, experiment: int, runs: int, seed: str = SEED) -> None:
    """Fill an empty experiment; by default the newest twenty runs are still running, every fiftieth is deleted."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as link:
        link.execute("SET statement_timeout = 0")
        for first in range(1, runs + 1, 50_000):
            last = min(first + 49_999, runs)
            link.execute(seed, {"experiment": experiment, "first": first, "last": last})
        link.execute("VACUUM ANALYZE")

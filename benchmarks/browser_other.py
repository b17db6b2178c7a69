"""An experiment of a shape that the runs table was not built for, beside the one that the benchmark measures.

Equal start times, names in another alphabet, four of ten runs deleted, most nested; 600 params and 700 metrics that few
runs have; configurations of 2,400 characters as one param; metrics that are all zero, half NaN, a third infinite; ranges
that differ from metric to metric. Statistics of PostgreSQL are about both experiments then, and true of neither.
"""

_DICE = "(hashtext(i || '/v' || k) & 65535)"
OTHER_SEED = f"""
INSERT INTO experiments_run (id, name, user_name, status, lifecycle_stage, start_time, end_time, artifact_uri, changes,
                             experiment_id, workspace_id)
SELECT md5('other' || i)::uuid, CASE WHEN i %% 3 = 0 THEN 'run' ELSE 'Модель-' || (i %% 50) || ' ' || md5(i::text) END,
       'service', CASE WHEN i %% 20 = 0 THEN 'RUNNING' WHEN i %% 3 = 0 THEN 'FAILED' ELSE 'FINISHED' END,
       CASE WHEN i %% 5 < 2 THEN 'deleted' ELSE 'active' END, 1700000000000 + i / 20000,
       CASE WHEN i %% 20 > 0 THEN 1700000000000 + i / 20000 + 5000 END,
       e.artifact_location || '/' || md5('other' || i) || '/artifacts', 1, e.id, e.workspace_id
FROM generate_series(%(first)s, %(last)s) i, experiments_experiment e WHERE e.id = %(experiment)s;
CREATE TEMP TABLE made AS SELECT md5('other' || i)::uuid AS id, i FROM generate_series(%(first)s, %(last)s) i;
INSERT INTO experiments_runtag (run_id, experiment_id, key, value)
SELECT id, %(experiment)s, k, CASE k WHEN 'mlflow.parentRunId' THEN replace(md5('other' || i / 400 * 400), '-', '')
    WHEN 'uuid' THEN md5('u' || i) WHEN 'big' THEN repeat('lorem ipsum dolor sit amet ', 120) || i ELSE 'same' END
FROM made, unnest(ARRAY['mlflow.parentRunId', 'uuid', 'big', 'same', 'k' || (i %% 400)]) k
WHERE (k <> 'mlflow.parentRunId' OR i %% 400 > 0 AND i %% 5 < 4) AND (k <> 'big' OR i %% 4 = 0);
INSERT INTO experiments_param (run_id, experiment_id, key, value)
SELECT id, %(experiment)s, 'unique' || k, md5(k || '/' || i) FROM made, generate_series(0, 5) k
UNION ALL SELECT id, %(experiment)s, 'two' || k, (i * (k + 1) %% 2)::text FROM made, generate_series(0, 5) k
UNION ALL SELECT id, %(experiment)s, 'const' || k, 'relu' FROM made, generate_series(0, 4) k
UNION ALL SELECT id, %(experiment)s, 'opt' || ((i * 7 + k) %% 600), (i %% 13)::text FROM made, generate_series(0, 3) k
UNION ALL SELECT id, %(experiment)s, 'config', '{{"layers": [' || repeat('64, ', 600) || '1], "seed": ' || i || '}}'
    FROM made WHERE i %% 2 = 0
UNION ALL SELECT id, %(experiment)s, 'lr', CASE WHEN i %% 7 = 0 THEN 'auto' WHEN i %% 11 = 0 THEN ''
    ELSE (1.0 / (1 + i %% 1000))::text END FROM made;
INSERT INTO experiments_latestmetric (run_id, experiment_id, key, value, timestamp, step, is_nan, loose)
SELECT id, %(experiment)s, 'val/' || k, CASE WHEN k = 0 OR k = 2 AND i %% 2 = 0 THEN 0
    WHEN k = 1 AND i %% 3 = 0 THEN 1.7976931348623157e308 ELSE {_DICE} / 7.0 - 4000 END, 1, 0, k = 2 AND i %% 2 = 0, 0
    FROM made, generate_series(0, 11) k
UNION ALL SELECT id, %(experiment)s, 'sparse/' || ((i * 3 + k) %% 700), {_DICE}, 1, 0, false, 0 FROM made, generate_series(0, 4) k
UNION ALL SELECT id, %(experiment)s, 'system/gpu_' || k, i, 1, 0, false, 0 FROM made, generate_series(0, 3) k;
DROP TABLE made;
"""
OTHER = {
    "newest first, 20,000 at once": "",
    "by name": "order_by=attributes.run_name ASC",
    "by duration": "order_by=attributes.duration DESC",
    "by a metric that is always 0": "order_by=metrics.`val/0` DESC",
    "by a metric that is infinite in a third": "order_by=metrics.`val/1` DESC",
    "by a metric that is NaN in half": "order_by=metrics.`val/2` ASC",
    "by a metric that few runs have": "order_by=metrics.`sparse/10` DESC",
    "by a param that differs in each run": "order_by=params.unique0 ASC",
    "by texts and numbers": "order_by=params.lr DESC",
    "by a long configuration": "order_by=params.config ASC",
    "by a long tag": "order_by=tags.big ASC",
    "two metrics, the first rare": "filter=metrics.`val/3` > 5300 and metrics.`val/4` < 1e9&order_by=metrics.`val/5` DESC",
    "a term that none fulfils": "filter=params.two1 != '0' and params.const2 = 'relu'&order_by=params.unique0 ASC",
    "another": "filter=metrics.`val/0` != 0 and metrics.`val/4` > -3000",
    "a param by LIKE": "filter=params.unique0 LIKE '%abc%'&order_by=params.lr ASC",
    "long values by LIKE": "filter=params.config LIKE '%seed%'&order_by=metrics.`val/4` ASC",
    "long values by LIKE, one found": "filter=params.config LIKE '%: 77778}%'&order_by=metrics.`val/4` ASC",
    "a name by ILIKE": "filter=attributes.run_name ILIKE '%модель-7 %'&order_by=metrics.`val/3` DESC",
    "seven terms": "filter=params.two1 = '0' and params.two2 = '0' and params.const1 = 'relu' and metrics.`val/3` > 0"
                   " and metrics.`val/4` < 100 and tags.same = 'same' and attributes.status = 'FAILED'&order_by=params.lr DESC",
    "a word of half of the names": "q=модель",
    "two words": "q=run lorem&order_by=metrics.`val/6` ASC",
    "nested": "tree=1",
    "grouped by parent": "group_by=parent",
    "grouped by 600 numbers": "group_by=params.lr",
}  # fmt: skip

"""Keys and values that there are, for choosing columns and for completing a filter."""

from collections.abc import Sequence
from typing import Any

from experiments.models.run import RUN_STATUSES
from experiments.search.terms import ATTRIBUTE, METRIC, PARAM, TAG
from experiments.selectors.table_state import field_parts
from portal.kernel import sql

KEYS_AT_MOST, VALUES_AT_MOST, EXPERIMENTS_AT_MOST = 200, 12, 50
_LAST = "\U0010ffff"
_TABLES = {METRIC: "experiments_latestmetric", PARAM: "experiments_param", TAG: "experiments_runtag"}
_SHORT = " AND length(t.value) <= 200"
# Jumps from key to key through the index, instead of reading the values of every run.
_KEYS = """
SELECT DISTINCT key FROM unnest(%(experiments)s::bigint[]) e(id) CROSS JOIN LATERAL (
    WITH RECURSIVE found AS (
        (SELECT t.key FROM {table} t WHERE t.experiment_id = e.id AND t.key >= %(first)s{short} ORDER BY t.key LIMIT 1)
        UNION ALL
        SELECT (SELECT t.key FROM {table} t WHERE t.experiment_id = e.id AND t.key > found.key{short}
                ORDER BY t.key LIMIT 1)
        FROM found WHERE found.key IS NOT NULL
    )
    SELECT key FROM found WHERE key IS NOT NULL AND key < %(last)s LIMIT %(limit)s
) keys ORDER BY key LIMIT %(limit)s
"""
_VALUES = """
SELECT DISTINCT value FROM unnest(%(experiments)s::bigint[]) e(id) CROSS JOIN LATERAL (
    WITH RECURSIVE found AS (
        (SELECT t.value FROM {table} t WHERE t.experiment_id = e.id AND t.key = %(key)s AND t.value >= %(first)s{short}
         ORDER BY t.value LIMIT 1)
        UNION ALL
        SELECT (SELECT t.value FROM {table} t WHERE t.experiment_id = e.id AND t.key = %(key)s
                AND t.value > found.value{short} ORDER BY t.value LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL AND value < %(last)s LIMIT %(limit)s
) texts ORDER BY value LIMIT %(limit)s
"""
_USERS = """
SELECT DISTINCT user_name FROM experiments_run
WHERE experiment_id = ANY(%(experiments)s) AND starts_with(user_name, %(first)s) ORDER BY 1 LIMIT %(limit)s
"""
_NAMES = """
SELECT name FROM experiments_run
WHERE experiment_id = ANY(%(experiments)s) AND name >= %(first)s AND name < %(last)s ORDER BY name LIMIT %(limit)s
"""
_DATASETS = """
SELECT DISTINCT {column} FROM experiments_dataset
WHERE experiment_id = ANY(%(experiments)s) AND starts_with({column}, %(first)s) ORDER BY 1 LIMIT %(limit)s
"""


def table_keys(
    experiments: Sequence[int], entity: str, start: str = "", limit: int = KEYS_AT_MOST
) -> list[str]:
    """The keys of metrics, params or tags that runs of the experiments have; the caller has asked who sees these."""
    statement = _KEYS.format(table=_TABLES[entity], short="" if entity == METRIC else _SHORT)
    return _texts(statement, experiments, start, limit)


def table_values(experiments: Sequence[int], name: str, start: str = "") -> list[str]:
    """Values of a field that begin with a text, as they are."""
    entity, key = field_parts(name) or ("", "")
    if entity in (PARAM, TAG):
        statement = _VALUES.format(table=_TABLES[entity], short=_SHORT)
        return _texts(statement, experiments, start, VALUES_AT_MOST, key=key)
    if (entity, key) == (ATTRIBUTE, "status"):
        return [status for status in RUN_STATUSES if status.startswith(start.upper())]
    if entity == ATTRIBUTE and key in ("user_id", "run_name"):
        return _texts(_USERS if key == "user_id" else _NAMES, experiments, start, VALUES_AT_MOST)
    if entity == "dataset" and key in ("name", "digest"):
        return _texts(_DATASETS.format(column=key), experiments, start, VALUES_AT_MOST)
    return []


def _texts(statement: str, experiments: Sequence[int], start: str, limit: int, **more: Any) -> list[str]:
    asked = {
        "experiments": list(experiments)[-EXPERIMENTS_AT_MOST:], "first": start, "last": start + _LAST, "limit": limit,
    }  # fmt: skip
    return [text for (text,) in sql.rows(statement, asked | more)]

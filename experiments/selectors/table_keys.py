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
# The keys that have few values, but more than one.
_FEW = """
SELECT k.key FROM ({keys}) k CROSS JOIN LATERAL (SELECT count(*) AS found FROM ({values}) v) c
WHERE NOT starts_with(k.key, 'mlflow.') AND c.found BETWEEN 2 AND %(few)s ORDER BY k.key
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
    return _texts(_keys_of(entity), experiments, start, limit)


def table_keys_of_all(experiments: Sequence[int]) -> dict[str, list[str]]:
    """The first keys of metrics, params and tags, by entity; the caller has asked who sees these."""
    parts = [
        f"(SELECT '{entity}' AS entity, key FROM ({_keys_of(entity)}) keys ORDER BY key)"  # noqa: S608 - constants
        for entity in _TABLES
    ]
    found: dict[str, list[str]] = {entity: [] for entity in _TABLES}
    for entity, key in sql.rows(" UNION ALL ".join(parts), _asked(experiments, "", KEYS_AT_MOST)):
        found[entity].append(key)
    return found


def table_keys_of_few(experiments: Sequence[int], entity: str, few: int) -> list[str]:
    """The keys of params or tags that have from 2 to `few` values; none of MLflow's."""
    table = _TABLES[entity]
    values = (
        _VALUES.format(table=table, short=_SHORT).replace("%(key)s", "k.key").replace("%(limit)s", "%(most)s")
    )
    statement = _FEW.format(keys=_keys_of(entity), values=values)
    return _texts(statement, experiments, "", KEYS_AT_MOST, few=few, most=few + 1)


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
    return [text for (text,) in sql.rows(statement, _asked(experiments, start, limit) | more)]


def _asked(experiments: Sequence[int], start: str, limit: int) -> dict[str, Any]:
    newest = list(experiments)[-EXPERIMENTS_AT_MOST:]
    return {"experiments": newest, "first": start, "last": start + _LAST, "limit": limit}


def _keys_of(entity: str) -> str:
    return _KEYS.format(table=_TABLES[entity], short="" if entity == METRIC else _SHORT)

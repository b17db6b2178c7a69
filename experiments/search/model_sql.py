"""Logged-model searches as SQL. Conditions on metrics, params and tags are looked up per model."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from experiments.search.keyset import SortKey
from experiments.search.model_language import NUMERIC_KEYS
from experiments.search.statement import Statement
from experiments.search.terms import ATTRIBUTE, METRIC, PARAM, Comparison, Ordering

_TABLES = {PARAM: "experiments_loggedmodelparam"}
_TAGS = "experiments_loggedmodeltag"
_METRICS = "experiments_loggedmodelmetric"
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_RUN_ID_TEXT = "replace(m.source_run_id::text, '-', '')"
_NUMBER_IDS = {"experiment_id": "m.experiment_id::text"}
# Clients filter by the short names, the wire and the table have the long ones.
_STATUS = "replace(replace(m.status, 'LOGGED_MODEL_', ''), 'UPLOAD_', '')"
_LATEST = "ORDER BY x.timestamp DESC, x.step DESC, x.run_id LIMIT 1"


class ModelStatement(Statement):
    """A search over logged models `m`; `datasets` narrow which of their metrics count."""

    def __init__(
        self,
        experiments: Sequence[int],
        workspaces: Sequence[int] | None,
        datasets: Sequence[Mapping[str, Any]],
    ) -> None:
        super().__init__()
        self.datasets = datasets
        self.where(self.any_of("m.experiment_id", experiments))
        if workspaces is not None:
            self.where(f"m.workspace_id = ANY({self.bind(list(workspaces), 'bigint[]')})")
        self.where("m.lifecycle_stage <> 'deleted'")

    def filter(self, comparisons: Sequence[Comparison]) -> None:
        """Add every comparison, and the datasets on their own where no comparison is about a metric."""
        for comparison in comparisons:
            self.where(self._condition(comparison))
        if self.datasets and not any(comparison.entity == METRIC for comparison in comparisons):
            self.where(f"EXISTS (SELECT FROM {_METRICS} x WHERE x.model_id = m.id AND {self._on_dataset()})")

    def sort_keys(self, orderings: Sequence[Ordering]) -> list[SortKey]:
        """The keys of an order, missing values last."""
        keys: list[SortKey] = []
        for ordering in orderings:
            keys += self._keys_of(ordering, len(keys))
        return keys

    def _condition(self, comparison: Comparison) -> str:
        if comparison.entity == ATTRIBUTE:
            return self._attribute(comparison)
        key = f"x.model_id = m.id AND x.key = {self.bind(comparison.key, 'text')}"
        if comparison.entity == METRIC:
            return f"EXISTS (SELECT FROM {_METRICS} x WHERE {key} AND {self._metric(comparison)} OFFSET 0)"
        table = _TABLES.get(comparison.entity, _TAGS)
        matches = self.compared("x.value", comparison)
        return f"EXISTS (SELECT FROM {table} x WHERE {key} AND {matches} OFFSET 0)"

    def _metric(self, comparison: Comparison) -> str:
        matches = self.operation("x.value", comparison.op, comparison.value, "float8")
        matches = f"({matches} OR x.is_nan)" if comparison.op == "!=" else f"{matches} AND NOT x.is_nan"
        return f"{matches} AND {self._on_dataset()}" if self.datasets else matches

    def _on_dataset(self) -> str:
        return "(" + " OR ".join(self._is_dataset(each) for each in self.datasets) + ")"

    def _is_dataset(self, dataset: Mapping[str, Any]) -> str:
        named = f"x.dataset_name = {self.bind(dataset['dataset_name'], 'text')}"
        if not dataset.get("dataset_digest"):
            return named
        return f"({named} AND x.dataset_digest = {self.bind(dataset['dataset_digest'], 'text')})"

    def _attribute(self, comparison: Comparison) -> str:
        key, value = comparison.key, comparison.value
        if key in NUMERIC_KEYS:
            return self.number(f"m.{key}", comparison)
        if key == "source_run_id" and comparison.op == "=" and isinstance(value, str):
            found = UUID(value) if _RUN_ID.fullmatch(value) else None
            return self.operation("m.source_run_id", "=", found, "uuid")
        return self.compared(_text_column(key), comparison)

    def _keys_of(self, ordering: Ordering, position: int) -> list[SortKey]:
        if ordering.entity == ATTRIBUTE:
            return _attribute_keys(ordering, position)
        alias = f"o{len(self.joins)}"
        self.joins.append(f"LEFT JOIN LATERAL ({self._latest(ordering)}) {alias} ON TRUE")
        rank = f"CASE WHEN {alias}.value IS NULL THEN 2 WHEN {alias}.is_nan THEN 1 ELSE 0 END"
        return [
            SortKey(rank, "int"),
            SortKey(f"{alias}.value", "float8", ordering.ascending, guard=position),
        ]

    def _latest(self, ordering: Ordering) -> str:
        conditions = [f"x.key = {self.bind(ordering.key, 'text')}"]
        if ordering.dataset_name:
            conditions.append(f"x.dataset_name = {self.bind(ordering.dataset_name, 'text')}")
        if ordering.dataset_digest:
            conditions.append(f"x.dataset_digest = {self.bind(ordering.dataset_digest, 'text')}")
        where = " AND ".join(["x.model_id = m.id", *conditions])
        return f"SELECT x.value, x.is_nan FROM {_METRICS} x WHERE {where} {_LATEST}"  # noqa: S608


def _text_column(key: str) -> str:
    special = {"model_id": "m.id", "source_run_id": _RUN_ID_TEXT, "status": _STATUS, **_NUMBER_IDS}
    return special.get(key, f"m.{key}")


def _attribute_keys(ordering: Ordering, position: int) -> list[SortKey]:
    if ordering.key in NUMERIC_KEYS or ordering.key == "experiment_id":
        return [SortKey(f"m.{ordering.key}", "bigint", ordering.ascending)]
    column = _text_column(ordering.key)
    if ordering.key != "source_run_id":
        return [SortKey(column, "text", ordering.ascending)]
    rank = SortKey("CASE WHEN m.source_run_id IS NULL THEN 1 ELSE 0 END", "int")
    return [rank, SortKey(column, "text", ordering.ascending, guard=position)]

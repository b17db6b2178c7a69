"""The state of the runs table, which stands wholly in the address, and the search that it asks for."""

import re
from dataclasses import dataclass, field, replace

from experiments.search.run_language import ENTITIES, run_filter_parse, run_order_parse
from experiments.search.table_bands import COLUMNS
from experiments.search.table_query import TableQuery
from experiments.search.terms import ATTRIBUTE, DATASET, PARAM, TAG, Comparison, Ordering
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now
from portal.kernel.mlflow_errors import invalid_parameter

FACETS_AT_MOST, WORDS_AT_MOST = 50, 8
FIELD = re.compile(r"(attributes|metrics|params|tags|dataset|model)\.(.+)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_SEEN = """
SELECT id FROM experiments_experiment
WHERE id = ANY(%s) AND (%s::bigint[] IS NULL OR workspace_id = ANY(%s::bigint[])) ORDER BY id
"""
_NEWEST = Ordering(ATTRIBUTE, "start_time", False)
_DAYS = {"today": 1, "week": 7}


@dataclass(frozen=True)
class TableState:
    """What the address asks the runs table for.

    A field is `metrics.auc`, `params.lr`, `tags.team`, `attributes.status`, `dataset.name` or `model.type`, the key
    as it is. `is_tree` leaves out runs that are nested in others, `is_nested` counts those nested in each. `facets` are
    fields with a value; values of one field are alternatives. `only` is empty, `mine` or
    `starred`, `since` is empty, `today` or `week` (in UTC).
    """

    filter: str = ""
    text: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    order_by: str = ""
    view: str = "active"
    only: str = ""
    since: str = ""
    columns: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    group_by: str = ""
    is_tree: bool = False
    is_nested: bool = False
    page_token: str = ""
    experiments: tuple[int, ...] = field(default=())

    @property
    def view_type(self) -> str:
        return {"deleted": "DELETED_ONLY", "all": "ALL"}.get(self.view, "ACTIVE_ONLY")

    @property
    def is_narrowed(self) -> bool:
        """Whether the reader asks for less than everything that is active."""
        return bool(
            self.filter or self.text or self.facets or self.only or self.since or self.view != "active"
        )

    def values_of(self, wanted: str) -> list[str]:
        """The values that are picked of a facet."""
        return [value for name, value in self.facets if name == wanted]

    def without_facet(self, name: str) -> "TableState":
        """The same without the picks of one field, so that its other values can be counted."""
        return replace(self, facets=tuple(pair for pair in self.facets if pair[0] != name))


def table_query(actor: Actor, state: TableState) -> TableQuery:
    """The search over those of the state's experiments that the actor sees; runs are seen as their experiment is.

    Raises ProtocolError on a bad filter or order.
    """
    seen = actor.workspace_ids
    return TableQuery(
        experiments=tuple(number for (number,) in sql.rows(_SEEN, (list(state.experiments), seen, seen))),
        workspaces=None,
        view_type=state.view_type,
        order=order_of(state.order_by),
        comparisons=(*run_filter_parse(state.filter), *_facet_comparisons(state), *_since(state)),
        words=words_of(state.text),
        owners=tuple(state.values_of("attributes.owner")),
        model_types=tuple(state.values_of("model.type")),
        made_by=actor.user_id if state.only == "mine" else None,
        starred_by=actor.user_id if state.only == "starred" else None,
        is_tree=state.is_tree,
    )


def words_of(text: str) -> tuple[str, ...]:
    """The words of a free text, as they are looked for: in lower case, by their beginning."""
    return tuple(dict.fromkeys(_WORD.findall(text.lower())))[:WORDS_AT_MOST]


def order_of(order_by: str) -> Ordering:
    """The column that the table is ordered by; the newest run comes first where nothing is asked."""
    if not order_by:
        return _NEWEST
    name, _, way = order_by.rpartition(" ")
    if name.startswith("attributes.") and name.removeprefix("attributes.") in COLUMNS:
        return Ordering(ATTRIBUTE, name.removeprefix("attributes."), way.upper() != "DESC")
    (found,) = run_order_parse([order_by])
    if found.entity == ATTRIBUTE and found.key not in COLUMNS:
        raise invalid_parameter(f"The table cannot be ordered by '{found.key}'.")
    return found


def field_parts(name: str) -> tuple[str, str] | None:
    """`(entity, key)` of a field; None for what is none."""
    match = FIELD.fullmatch(name)
    if match is None:
        return None
    return (match[1] if match[1] == "model" else ENTITIES[match[1]]), match[2]


def _facet_comparisons(state: TableState) -> list[Comparison]:
    found: dict[tuple[str, str], list[str]] = {}
    for name, value in state.facets:
        parts = field_parts(name)
        if parts and _is_comparable(*parts):
            found.setdefault(parts, []).append(value)
    return [Comparison(entity, key, "IN", tuple(values)) for (entity, key), values in found.items()]


def _is_comparable(entity: str, key: str) -> bool:
    if entity == ATTRIBUTE:
        return key == "status"
    return entity in (PARAM, TAG) or (entity == DATASET and key == "name")


def _since(state: TableState) -> list[Comparison]:
    days = _DAYS.get(state.since)
    if days is None:
        return []
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        Comparison(ATTRIBUTE, "start_time", ">=", int(midnight.timestamp() * 1000) - (days - 1) * 86_400_000)
    ]

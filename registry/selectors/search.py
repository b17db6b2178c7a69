"""Which registered models and versions a search finds, in order."""

from collections.abc import Sequence
from uuid import UUID

from experiments.search.keyset import SortKey, query_digest
from experiments.search.paging import page_of
from experiments.search.statement import Statement
from experiments.search.terms import TAG, Comparison
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import invalid_parameter
from registry.prompts import IS_PROMPT
from registry.search.language import (
    MODELS,
    VERSIONS,
    Language,
    asks_for_prompts,
    filter_parse,
    order_parse,
)
from registry.search.statements import MODELS as FROM_MODELS
from registry.search.statements import VERSIONS as FROM_VERSIONS
from registry.search.statements import models_statement, prompts_part, sort_keys, versions_statement

MAX_MODELS, MAX_VERSIONS = 1_000, 200_000
# A client reads on by the token; one page of all versions there are would hold a server for long.
LARGEST_PAGE = 10_000


def models_search(
    actor: Actor,
    *,
    filter_string: str | None = None,
    order_by: Sequence[str] = (),
    max_results: int = 100,
    page_token: str | None = None,
) -> tuple[list[UUID], str | None]:
    """The ids of the registered models of one page, and the token of the next page. Raises ProtocolError."""
    _limit_check(max_results, MAX_MODELS)
    comparisons = filter_parse(MODELS, filter_string)
    orderings = order_parse(MODELS, order_by)

    def whole() -> tuple[Statement, list[SortKey]]:
        statement = models_statement(actor.workspace_ids, _kept(comparisons))
        prompts_part(statement, comparisons)
        return statement, sort_keys("m", orderings)

    return page_of(
        FROM_MODELS, [whole], digest=_digest(MODELS, "registered models", filter_string, order_by),
        page_token=page_token, max_results=max_results,
    )  # fmt: skip


def versions_search(
    actor: Actor,
    *,
    filter_string: str | None = None,
    order_by: Sequence[str] = (),
    max_results: int = LARGEST_PAGE,
    page_token: str | None = None,
) -> tuple[list[UUID], str | None]:
    """The ids of the versions of one page, and the token of the next page. Raises ProtocolError."""
    _limit_check(max_results, MAX_VERSIONS)
    comparisons = filter_parse(VERSIONS, filter_string)
    orderings = order_parse(VERSIONS, order_by)

    def whole() -> tuple[Statement, list[SortKey]]:
        statement = versions_statement(actor.workspace_ids, _kept(comparisons))
        prompts_part(statement, comparisons)
        return statement, sort_keys("v", orderings)

    return page_of(
        FROM_VERSIONS, [whole], digest=_digest(VERSIONS, "model versions", filter_string, order_by),
        page_token=page_token, max_results=min(max_results, LARGEST_PAGE),
    )  # fmt: skip


def _kept(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Without the word about prompts where models are asked for: models do not carry the tag."""
    if asks_for_prompts(comparisons):
        return list(comparisons)
    return [each for each in comparisons if not (each.entity == TAG and each.key == IS_PROMPT)]


def _limit_check(max_results: int, largest: int) -> None:
    if max_results < 1:
        raise invalid_parameter(
            f"Invalid value for max_results. It must be a positive integer, but got {max_results}"
        )
    if max_results > largest:
        raise invalid_parameter(
            f"Invalid value for request parameter max_results. It must be at most {largest}, "
            f"but got value {max_results}"
        )


def _digest(language: Language, what: str, filter_string: str | None, order_by: Sequence[str]) -> str:
    return query_digest(what, filter_string or "", list(order_by), sorted(language.keys))

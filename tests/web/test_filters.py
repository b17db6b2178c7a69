"""The runs table's state in the URL, its sorting heads, and pointing at what a filter's error is about."""

import pytest
from django.http import QueryDict

from experiments.search.run_language import run_filter_parse, run_order_parse
from experiments.selectors.table_state import order_of
from experiments.web.filters import column_field, heading, pointer_of
from experiments.web.table_address import changed, state_of, toggled
from portal.kernel.mlflow_errors import ProtocolError


def test_a_status_is_a_facet() -> None:
    state = state_of(QueryDict("filter=metrics.auc+>+0.9&status=FAILED&facet=params.a%3Db%3Dc"))
    assert state.facets == (("attributes.status", "FAILED"), ("params.a", "b=c"))
    assert state.filter == "metrics.auc > 0.9"


def test_state_passes_nothing_on_that_it_does_not_know() -> None:
    text = (
        "status=x'+OR+1&view=every&columns=secrets.a&columns=params.lr&facet=secrets.a%3D1&only=me&group_by=x"
    )
    state = state_of(QueryDict(text))
    assert (state.facets, state.view_type, state.columns, state.only, state.group_by) == (
        (),
        "ACTIVE_ONLY",
        ("params.lr",),
        "",
        "",
    )


def test_a_pick_is_taken_and_let_go() -> None:
    query = QueryDict("filter=a&page_token=x&facet=params.a%3D1")
    both = QueryDict(toggled(query, "params.a", "2")[1:])
    assert both.getlist("facet") == ["params.a=1", "params.a=2"]
    assert "page_token" not in both
    assert QueryDict(toggled(both, "params.a", "1")[1:]).getlist("facet") == ["params.a=2"]
    assert changed(QueryDict("only=mine"), only=None) == "?"


def test_columns_of_the_portal_sort_too() -> None:
    assert (order_of("attributes.duration DESC").key, order_of("").key) == ("duration", "start_time")
    with pytest.raises(ProtocolError):
        order_of("attributes.nothing ASC")


@pytest.mark.parametrize("key", ["auc", "val/auc", "a b", "eval.auc", "1st"])
def test_every_column_can_be_sorted_by(key: str) -> None:
    head = heading(key, column_field("metrics", key), "", is_number=True)
    (ordering,) = run_order_parse([head.next_order])
    assert (ordering.key, ordering.ascending) == (key, False)


def test_heading_turns_round_on_the_second_click() -> None:
    field = column_field("metrics", "auc")
    first = heading("auc", field, "", is_number=True)
    second = heading("auc", field, first.next_order, is_number=True)
    assert (second.direction, second.next_order) == ("descending", "metrics.auc ASC")


@pytest.mark.parametrize(
    ("wrong", "piece"),
    [
        ("metrics.auc > 0.9 and colour.a = 'x'", "colour"),
        ("metrics.auc >> 1", ">>"),
        ("params.lr = 0.1", "0.1"),
        ("attributes.nothing = 'x'", "nothing"),
        ("metrics.auc > 'high'", "'high'"),
    ],
)
def test_pointer_finds_the_piece_that_the_error_names(wrong: str, piece: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        run_filter_parse(wrong)
    pointer = pointer_of(wrong, refused.value.detail)
    assert pointer is not None
    assert pointer.at.strip("'") == piece.strip("'")
    assert pointer.before + pointer.at + pointer.after == wrong


def test_pointer_is_silent_where_nothing_is_named() -> None:
    assert pointer_of("metrics.auc", "Something else went wrong.") is None

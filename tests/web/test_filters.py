"""The runs table's state in the URL, its sorting heads, and pointing at what a filter's error is about."""

import pytest
from django.http import QueryDict

from experiments.search.run_language import run_filter_parse, run_order_parse
from experiments.web.filters import TableState, column_field, heading, pointer_of
from portal.kernel.mlflow_errors import ProtocolError


def test_state_joins_filter_and_status_to_one_search() -> None:
    state = TableState.of(QueryDict("filter=metrics.auc+>+0.9&status=FAILED"))
    assert state.whole_filter == "metrics.auc > 0.9 AND attributes.status = 'FAILED'"
    assert len(run_filter_parse(state.whole_filter)) == 2


def test_state_passes_nothing_on_that_it_does_not_know() -> None:
    state = TableState.of(QueryDict("status=x'+OR+1&view=all&columns=secrets.a&columns=params.lr"))
    assert (state.status, state.view_type, state.columns) == ("", "ACTIVE_ONLY", ["params.lr"])


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

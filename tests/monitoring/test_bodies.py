"""Every form in which a request can be asked, and an answer given, as rows of columns."""

import pytest

from monitoring.reading.bodies import answers, rows_asked
from monitoring.reading.values import label, labels_of, numbers_of

ROWS = (("age", "city"), [[31, "Bonn"], [44, "Kiel"]])


def plain(block):
    names, rows = block
    return names, [list(row) for row in rows]


@pytest.mark.parametrize(
    "said",
    [
        {"dataframe_split": {"columns": ["age", "city"], "index": [0, 1], "data": [[31, "Bonn"], [44, "Kiel"]]}},
        {"dataframe_records": [{"age": 31, "city": "Bonn"}, {"age": 44, "city": "Kiel"}]},
        {"instances": [{"age": 31, "city": "Bonn"}, {"age": 44, "city": "Kiel"}]},
        {"inputs": {"age": [31, 44], "city": ["Bonn", "Kiel"]}},
        {"inputs": [{"age": 31, "city": "Bonn"}, {"age": 44, "city": "Kiel"}]},
        {"inputs": [
            {"name": "age", "shape": [2], "datatype": "INT64", "data": [31, 44]},
            {"name": "city", "shape": [2, 1], "datatype": "BYTES", "data": [["Bonn"], ["Kiel"]]},
        ]},
    ],
)  # fmt: skip
def test_forms_with_names(said):
    assert plain(rows_asked(said)) == ROWS


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"instances": [[1, 2], [3, 4]]}, (("0", "1"), [[1, 2], [3, 4]])),
        ({"inputs": [1, 2]}, (("0",), [[1], [2]])),
        ({"dataframe_split": {"data": [[1], [2, 3]]}}, (("0", "1"), [[1, None], [2, 3]])),
        ({"dataframe_records": [{"a": 1}, {"b": 2}]}, (("a", "b"), [[1, None], [None, 2]])),
        ({"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]}]},
         (("x_0", "x_1"), [[1, 2], [3, 4]])),
        ({"inputs": {"a": [1, 2], "b": 5}}, (("a", "b"), [[1, 5], [2, None]])),
        ({"omitted_bytes": 5}, ((), [])), ([1], ((), [])), (None, ((), [])),
        ({"dataframe_split": {"data": "x"}}, ((), [])),
    ],
)  # fmt: skip
def test_forms_without_names_and_what_is_none(said, wanted):
    assert plain(rows_asked(said)) == wanted


@pytest.mark.parametrize(
    ("said", "field", "wanted"),
    [
        ({"predictions": [1, 0.5]}, None, [1, 0.5]), ({"predictions": [["a"], [1, 2]]}, None, ["a", None]),
        ({"predictions": [{"p": 1, "q": 2}, {"p": 3}]}, "p", [1, 3]), ({"predictions": [7]}, None, [7, None]),
        ({"outputs": [{"name": "y", "data": [1]}, {"name": "z", "data": [[5], [6]]}]}, "z", [5, 6]),
        ({"code": "x"}, None, [None, None]), ({"predictions": {"y": [1, 2]}}, None, [1, 2]),
    ],
)  # fmt: skip
def test_answers(said, field, wanted):
    assert answers(said, 2, field) == wanted


def test_values_are_sorted_into_what_can_be_computed_with():
    found = numbers_of([1, 2.5, None, "3", "x", "", True, "[redacted]", float("nan")])
    assert (found.values.tolist(), found.missing, found.mistyped, found.redacted) == ([1, 2.5, 3], 3, 2, 1)
    labels = labels_of(["a", None, True, 1, 1.0, "[redacted]", float("nan"), ["l"]])
    assert (labels.missing, labels.redacted) == (2, 1)
    assert labels.counts == {"a": 1, "True": 1, "1": 1, "1.0": 1, "['l']": 1}
    assert [label(each) for each in (1, 1.0, True, "1", 1.5)] == ["1", "1", "1", "1", "1.5"]

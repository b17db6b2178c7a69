"""How the batch program reads tables: parts that are always the same, and columns as a signature wants them."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlflow.types.schema import ColSpec

from deployments.reconciling.environment import BATCH

sys.path.append(str(BATCH))
from batch_scoring.answers import answers_table
from batch_scoring.problems import Problem
from batch_scoring.tables import Reader, parts

SPECS = [ColSpec("long", "n"), ColSpec("double", "x", required=False), ColSpec("string", "s", required=False)]


def read(tmp_path, rows_per_part=3, keep=("key",), **files):
    """The parts of files, as lists of rows of features and of what is kept."""
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / name.replace("_", "."))
        if isinstance(content, bytes):
            paths[-1].write_bytes(content)
        else:
            pq.write_table(pa.table(content), paths[-1], row_group_size=2)
    found = parts(sorted(paths), Reader(SPECS, list(keep)), rows_per_part)
    return [(features.to_pylist(), kept.drop_columns([""]).to_pylist()) for features, kept in found]


def test_parts_go_over_the_ends_of_files(tmp_path):
    text = b"key,n,x,s,more\n007,1,1.5,a,z\n008,2.0,,,z\n"
    table = {"s": ["c", None], "n": pa.array([3, 4], pa.int8()), "key": [9, 10]}
    found = read(tmp_path, a_csv=text, c_csv=text, keep=("key", "s"))
    assert [[row["key"] for row in kept] for _, kept in found] == [["007", "008", "007"], ["008"]]
    assert found[0][0][1] == {"n": 2, "x": None, "s": None}
    only = read(tmp_path, b_parquet=table)
    assert only == [([{"n": 3, "s": "c"}, {"n": 4, "s": None}], [{"key": 9}, {"key": 10}])]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a_csv": b"n\n1\n2\n1.5\n"}, "The column n must be long, and row 3 of a.csv has '1.5'."),
        ({"a_csv": b"n\n1\n\"\"\n"}, "The column n must be long, and row 2 of a.csv has none."),
        ({"a_csv": b"m\n1\n"}, "The column n is missing in a.csv"),
        ({"a_csv": b"n\n99999999999999999999\n"}, "row 1 of a.csv has '99999999999999999999'"),
        ({"a_parquet": {"n": ["1"]}}, "The column n must be long, and a.parquet has string."),
        ({"a_parquet": {"n": [1.0, 2.5]}}, "row 2 of a.parquet has '2.5'"),
        ({"a_parquet": {"n": [True]}}, "The column n must be long, and a.parquet has bool."),
        ({"a_parquet": b"no parquet"}, "a.parquet cannot be read"),
        ({"a_csv": b"n,x\n1\n"}, "a.csv cannot be read"),
        ({"a_csv": b""}, "a.csv cannot be read"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(tmp_path, files, says):
    with pytest.raises(Problem) as no:
        read(tmp_path, keep=(), **files)
    assert says in no.value.detail


def test_answers_become_columns():
    assert answers_table([1, 2], 2, "p").to_pydict() == {"p": [1, 2]}
    assert answers_table(np.eye(2), 2, "p").column_names == ["p_0", "p_1"]
    with pytest.raises(Problem, match="asked about 3 rows and answered 2"):
        answers_table([1, 2], 3, "p")
    with pytest.raises(Problem, match="is no table"):
        answers_table(7, 1, "p")

"""Pages of tables among artifacts: the right rows of each kind, and no table out of what is broken."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.artifacts import tables
from experiments.artifacts.store import artifact_store
from experiments.artifacts.tables import table_page
from experiments.web.curve_tables import confusion_of, curve_of
from experiments.web.notebooks import notebook_cells


@pytest.fixture
def store(tmp_path, settings):
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")
    return artifact_store()


def as_csv(path):
    path.write_text("n,t\n" + "".join(f'{n},"a,{n}"\n' for n in range(250)))


def as_tsv(path):
    path.write_text("n\tt\n" + "".join(f"{n}\ta,{n}\n" for n in range(250)))


def as_parquet(path):
    table = pa.table({"n": list(range(250)), "t": [f"a,{n}" for n in range(250)]})
    pq.write_table(table, path, row_group_size=40)


def as_mlflow_table(path):
    path.write_text(json.dumps({"columns": ["n", "t"], "data": [[n, f"a,{n}"] for n in range(250)]}))


def as_objects(path):
    path.write_text(json.dumps([{"n": n, "t": f"a,{n}"} for n in range(250)]))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", as_csv),
        ("a.tsv", as_tsv),
        ("a.parquet", as_parquet),
        ("a.json", as_mlflow_table),
        ("b.json", as_objects),
    ],
)
def test_pages_of_every_kind(store, tmp_path, name, write):
    write(tmp_path / "written")
    store.put(name, [(tmp_path / "written").read_bytes()])
    for page in (1, 2, 3):
        found = table_page(name, page)
        first = (page - 1) * 100
        assert (found.head, found.rows[0], found.start) == (["n", "t"], [str(first), f"a,{first}"], first)
        assert (len(found.rows), found.has_more) == ((100, True) if page < 3 else (50, False))
    assert table_page(name, 9).rows == []


def test_what_is_broken_is_no_table(store):
    whole = bytes(range(256)) * 20
    for name, content in (
        ("a.parquet", b"PAR1" + whole + b"PAR1"), ("b.parquet", b""), ("c.json", b"[" * 50_000), ("d.json", b"[1]"),
        ("e.csv", b'"' + b"x" * 200_000 + b'"'), ("f.txt", b"a,b\n"),
    ):  # fmt: skip
        store.put(name, [content])
        assert table_page(name, 1) is None


def test_a_large_group_of_rows_is_not_read(store, tmp_path, monkeypatch):
    as_parquet(tmp_path / "written")
    store.put("a.parquet", [(tmp_path / "written").read_bytes()])
    monkeypatch.setattr(tables, "GROUP_BYTES", 10)
    assert table_page("a.parquet", 1) is None


def test_curves_and_confusion_are_known_by_their_columns():
    curve = curve_of(["fpr", "tpr", "threshold"], [["0", "0", "inf"], ["0.5", "1", "0.4"], ["1", "1", "x"]])
    assert (curve.title, curve.points) == ("ROC", "0.000,320.000 160.000,0.000 320.000,0.000")
    assert curve_of(["a", "b"], [["0", "1"]]) is None
    found = confusion_of(["", "no", "yes"], [["no", "8", "2"], ["yes", "0", "5"]])
    assert found.rows == [("no", [("8", 4), ("2", 1)]), ("yes", [("0", 0), ("5", 4)])]
    assert confusion_of(["", "no", "yes"], [["no", "8", "x"], ["yes", "0", "5"]]) is None


def test_a_notebook_shows_no_html_of_its_own():
    cells = [
        {"cell_type": "markdown", "source": ["# T\n", "<script>x</script>"]},
        {"cell_type": "code", "source": "1", "outputs": [
            {"data": {"text/html": "<b>x</b>", "text/plain": "x"}}, {"text": ["out\n"]},
            {"data": {"image/png": "aGk=\n", "text/plain": "fig"}}, {"data": {"image/png": "not base64!"}},
        ]},
    ]  # fmt: skip
    text, code = notebook_cells(json.dumps({"cells": cells}))
    assert "<script>" not in text.html
    assert (code.outputs, code.images) == (["out\n", "x"], ["data:image/png;base64,aGk="])
    assert notebook_cells("{}") is notebook_cells("[[[") is None

"""Tables of two runs held against each other: columns, rows, cells, by place and by key."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.selectors import compared_tables
from experiments.selectors.compared import beside
from experiments.selectors.compared_tables import table_differences

ROWS = [{"id": n, "score": n / 2, "who": f"p{n}"} for n in range(250)]


def parquet(rows):
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer, row_group_size=100)
    return buffer.getvalue()


def sheet(rows):
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    return "\n".join(lines).encode()


def split(rows):
    return json.dumps({"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}).encode()


FORMS = {"t.parquet": parquet, "t.csv": sheet, "t.json": split}


@pytest.fixture
def pair(new_run, acting, bob, settings, tmp_path):
    settings.ARTIFACT_ROOT = str(tmp_path)

    def make(name, before, after):
        runs = [new_run(name="old"), new_run(name="new")]
        for run, content in zip(runs, (before, after), strict=True):
            if content is not None:
                artifact_store().put(f"{store_path(run.artifact_uri)}/{name}", [content])
        return beside(acting(bob), [run.pk for run in runs])

    return make


@pytest.mark.parametrize("name", FORMS)
def test_by_place_a_page_shows_the_cells_that_changed(pair, name):
    after = [row | ({"score": -1.0} if row["id"] == 120 else {}) for row in ROWS][:-1]
    runs = pair(name, FORMS[name](ROWS), FORMS[name](after))
    (first,) = table_differences(runs, runs[0], name)
    assert not first.differs
    assert first.has_more
    (second,) = table_differences(runs, runs[0], name, page=2)
    assert [(row.name, row.cells[1]) for row in second.rows if row.kind] == [("121", ("-1.0", "60.0"))]
    (third,) = table_differences(runs, runs[0], name, page=3)
    assert [(row.name, row.kind) for row in third.rows if row.kind] == [("250", "remove")]
    if name != "t.csv":
        assert (third.before, third.after) == (250, 249)


@pytest.mark.parametrize("name", FORMS)
def test_by_key_rows_meet_wherever_they_stand(pair, name):
    after = [row | ({"who": "x"} if row["id"] == 7 else {}) for row in reversed(ROWS) if row["id"] != 3]
    runs = pair(name, FORMS[name](ROWS), FORMS[name]([*after, {"id": 900, "score": 1.0, "who": "n"}]))
    (found,) = table_differences(runs, runs[0], name, by="id")
    assert [(row.name, row.kind) for row in found.rows] == [("7", "change"), ("900", "add"), ("3", "remove")]
    assert found.head == ["score", "who"]
    assert found.rows[0].cells[1] == ("x", "p7")
    counts = found.keyed
    assert (counts.same, counts.changed, counts.added, counts.removed, counts.repeated) == (248, 1, 1, 1, 0)
    assert not found.is_cut


def test_columns_that_came_went_or_changed_their_type(pair):
    after = [{"id": str(row["id"]), "score": row["score"], "new": 1} for row in ROWS]
    runs = pair("t.parquet", parquet(ROWS), parquet(after))
    (found,) = table_differences(runs, runs[0], "t.parquet")
    assert {(line.name, line.before, line.after) for line in found.columns} == {
        ("id", "int64", "string"), ("who", "string", ""), ("new", "", "int64"),
    }  # fmt: skip
    assert found.head == ["id", "score", "who", "new"]


def test_what_is_larger_than_is_held_is_cut_and_says_so(pair, monkeypatch):
    monkeypatch.setattr(compared_tables, "CELLS_HELD", 300)
    runs = pair("t.parquet", parquet(ROWS), parquet(ROWS))
    (found,) = table_differences(runs, runs[0], "t.parquet", by="id")
    assert (found.is_cut, found.keyed.same) == (True, 100)


def test_broken_missing_and_other_files(pair):
    runs = pair("t.parquet", parquet(ROWS), b"PAR1 no table PAR1")
    assert [each.is_there for each in table_differences(runs, runs[0], "t.parquet")] == [False]
    runs = pair("t.parquet", parquet(ROWS), None)
    assert [each.is_there for each in table_differences(runs, runs[0], "t.parquet", by="id")] == [False]
    runs = pair("notes.txt", b"a", b"b")
    assert table_differences(runs, runs[0], "notes.txt") is None
    runs = pair("config.json", b'{"a": 1}', b'{"a": 2}')
    assert table_differences(runs, runs[0], "config.json") is None


def test_the_page_shows_it_and_refuses_a_key_that_there_is_not(pair, bob):
    after = [row | ({"who": "<i>"} if row["id"] == 7 else {}) for row in ROWS]
    runs = pair("t.parquet", parquet(ROWS), parquet(after))
    page = Client()
    page.force_login(bob)
    asked = {"run": [each.run.pk.hex for each in runs], "show": "files", "path": "t.parquet"}
    text = page.get("/runs/compare", asked).content.decode()
    assert "was p7" in text
    assert "&lt;i&gt;" in text
    assert "Next page" in text
    keyed = page.get("/runs/compare", asked | {"by": "id"}).content.decode()
    assert "1 row changed, 0 added, 0 removed, 249 the same." in keyed
    assert page.get("/runs/compare", asked | {"by": "none"}).status_code == 400
    assert page.get("/runs/compare", asked | {"page": "x"}).status_code == 400

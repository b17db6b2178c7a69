"""Looking into artifacts: cut, decoded, and never more than a page can hold."""

from pathlib import Path
from typing import Any

import pytest

from experiments.artifacts.store import ArtifactStore
from experiments.web import previews
from experiments.web.previews import TEXT_BYTES, Preview, preview_of


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> ArtifactStore:
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")
    return previews.artifact_store()


def looked(store: ArtifactStore, name: str, content: bytes) -> Preview:
    store.put(name, [content])
    return preview_of(name)


def test_markup_is_text(store: ArtifactStore) -> None:
    assert looked(store, "a.html", b"<script>1</script>") == Preview("html", 18, text="<script>1</script>")
    assert looked(store, "a.svg", b"<svg onload='x'/>").kind == "text"


def test_json_is_indented_and_broken_json_is_left_alone(store: ArtifactStore) -> None:
    assert looked(store, "a.json", b'{"a":[1]}').text == '{\n  "a": [\n    1\n  ]\n}'
    assert looked(store, "b.json", b'{"a":').text == '{"a":'
    assert looked(store, "c.json", b"[" * 100_000).text.startswith("[[[")


def test_tables_are_cut(store: ArtifactStore) -> None:
    found = looked(store, "a.csv", b"x,y\n" + b"1,2\n" * 1000)
    assert found.table is not None
    assert (found.kind, found.table.head, found.table.rows[0]) == ("table", ["x", "y"], ["1", "2"])
    assert (len(found.table.rows), found.table.has_more) == (100, True)


def test_long_text_is_cut_between_characters(store: ArtifactStore) -> None:
    found = looked(store, "a.txt", b"a" + "é".encode() * TEXT_BYTES)
    assert found.is_cut
    assert found.text.endswith("é")


def test_bytes_have_no_preview(store: ArtifactStore) -> None:
    assert looked(store, "a.bin", b"\0\1\2").kind == "none"
    assert looked(store, "a.txt", b"abc\xff\xfe").kind == "none"


def test_huge_field_of_a_table_does_not_fail(store: ArtifactStore) -> None:
    assert looked(store, "a.csv", b'"' + b"x" * 200_000 + b'"').kind == "text"

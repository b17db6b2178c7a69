"""Files that a training script stored are shown as they are when laying them out would hurt."""

import json

import pytest

from experiments.artifacts.store import artifact_store
from experiments.web.previews import LAID_OUT_CHARACTERS, TEXT_BYTES, preview_of


@pytest.fixture
def store(settings, tmp_path):
    settings.ARTIFACT_ROOT = str(tmp_path)
    return artifact_store()


def shown(store, content: bytes) -> str:
    store.put("file.json", [content], size=len(content))
    return preview_of("file.json").text


def test_json_is_laid_out(store):
    assert shown(store, b'{"a":[1]}') == json.dumps({"a": [1]}, indent=2)


def test_half_a_surrogate_pair_can_be_sent(store):
    text = shown(store, rb'"\ud800"')
    assert text.encode() == rb'"\ud800"'


def test_deep_nesting_does_not_grow_without_bound(store):
    depth = 400
    inner = b",".join([b"1"] * ((TEXT_BYTES - 2 * depth) // 2))
    assert len(shown(store, b"[" * depth + inner + b"]" * depth)) <= LAID_OUT_CHARACTERS

"""Hundreds of random tamperings, every one found and named; `python -m benchmarks.audit` does a thousand."""

import pytest

from tests.audit.tampering import tamper


@pytest.mark.slow
def test_every_random_tampering_is_named(tmp_path):
    assert tamper(300, tmp_path, seed=6962) == []

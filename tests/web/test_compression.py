"""Pages leave compressed for who takes that; what programs ask for, and what is small, leaves as it is."""

import gzip

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
TAKES = {"Accept-Encoding": "gzip"}


def test_a_page_is_compressed_for_who_takes_it() -> None:
    plain = Client().get("/accounts/login/")
    packed = Client().get("/accounts/login/", headers=TAKES)
    assert (plain.get("Content-Encoding"), packed["Content-Encoding"]) == (None, "gzip")
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 2
    assert b"</html>" in gzip.decompress(packed.content)
    assert packed["Content-Security-Policy"]


def test_answers_to_programs_are_not() -> None:
    assert "Content-Encoding" not in Client().get("/api/v1/schema?format=json", headers=TAKES)

"""What a specification may name is what there is."""

from training.executors import EXECUTORS
from training.spec.reading import schema


def test_the_schema_offers_the_executors_that_exist() -> None:
    assert set(schema()["properties"]["executor"]["enum"]) == set(EXECUTORS)

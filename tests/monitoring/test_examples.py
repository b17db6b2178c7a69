"""The row that a try of an endpoint begins with."""

import pytest

from deployments.selectors.training_data import training_profile
from deployments.web.examples import row_of

pytestmark = pytest.mark.django_db
COLUMNS = [
    {"name": "age", "type": "long"}, {"name": "city", "type": "string"}, {"name": "label", "type": "double"},
    {"name": "rate", "type": "double"}, {"name": "is_new", "type": "boolean"}, {"name": "odd", "type": "binary"},
]  # fmt: skip


def test_it_has_what_is_usual_in_the_training_data(scores, versions):
    version = scores.revisions.get(number=2).version
    assert row_of(version, COLUMNS) == {
        "age": 40, "city": "Bonn", "label": 0.5, "rate": 0.5, "is_new": True, "odd": 0,
    }  # fmt: skip


def test_without_training_data_it_has_samples(scores):
    version = scores.revisions.get(number=1).version
    assert training_profile(version) is None
    assert row_of(version, COLUMNS)["city"] == "text"

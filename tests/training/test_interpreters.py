"""Which Python a training gets."""

import platform

import pytest

from jobs.errors import Permanent
from training.work.interpreters import version_here


def test_what_a_project_names_is_a_wish_and_what_the_specification_names_is_not():
    own = platform.python_version()
    minor = own.rpartition(".")[0]
    assert version_here(minor, is_firm=True) == own
    assert version_here(f"{minor}.999", is_firm=False) == own
    assert version_here("3.1", is_firm=False) == own
    with pytest.raises(Permanent, match=r"no Python 3\.1;"):
        version_here("3.1", is_firm=True)

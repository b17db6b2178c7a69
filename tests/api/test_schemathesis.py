"""Generated calls against the whole WSGI application: no failure of ours, and answers as the description says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup

from portal.wsgi import application

# The application closes a connection that is inside a transaction, so the rows of the test have to be committed.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Valid input may still meet an object that is not there or a name that is taken.
EXCLUDED = (checks.positive_data_acceptance,)
CALLS = settings(
    max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def headers(olga, workspace, token_for, fresh_cache):
    """An operator, who gets furthest."""
    return {"Authorization": f"Bearer {token_for(olga)}"}


@pytest.fixture
def operations(headers):
    """The operations that the description names."""
    described = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", application, headers=headers)
    return [found.ok() for found in described.get_all_operations()]


def calls_of(operation, mode, headers):
    """A function that makes generated calls of one operation."""

    @CALLS
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    return call


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_calls(operations, headers, mode):
    failures = {}
    for operation in operations:
        try:
            calls_of(operation, mode, headers)()
        except (Exception, FailureGroup) as failure:
            failures[operation.label] = [
                str(told)[:1500] for told in getattr(failure, "exceptions", [failure])
            ]
    assert len(operations) > 15
    assert failures == {}

"""Generated calls against the whole WSGI application: no failure of ours, and answers as the description says."""

import pytest
import schemathesis
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup

from portal.wsgi import application

# The application closes a connection that is inside a transaction, so the rows of the test have to be committed.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Valid input may still meet an object that is not there or a name that is taken.
EXCLUDED = (checks.positive_data_acceptance,)
# A text longer than a body may be is refused as too large (413), which the check does not count as refused by itself.
REFUSED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
REFUSALS = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
)
# What only reads has an address and a query to vary, and most of its calls meet nothing.
CALLS, READS = (
    settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    for count in (5, 2)
)


@pytest.fixture
def headers(olga, workspace, token_for, fresh_cache):
    """An operator, who gets furthest."""
    return {"Authorization": f"Bearer {token_for(olga)}"}


@pytest.fixture
def operations(headers):
    """The operations that the description names."""
    described = schemathesis.openapi.from_wsgi(
        "/api/v1/schema?format=json", application, headers=headers, config=REFUSALS
    )
    return [found.ok() for found in described.get_all_operations()]


def calls_of(operation, mode, headers):
    """A function that makes generated calls of one operation."""

    @(READS if operation.method.upper() == "GET" else CALLS)
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    return call


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_calls(operations, headers, mode):
    failures = {}
    for operation in operations:
        cache.clear()  # of the counts of calls: a throttled one shows nothing of its operation
        try:
            calls_of(operation, mode, headers)()
        except (Exception, FailureGroup) as failure:
            failures[operation.label] = [
                str(told)[:1500] for told in getattr(failure, "exceptions", [failure])
            ]
    assert len(operations) > 15
    assert failures == {}, "\n".join(f"{name}: {said}" for name, said in failures.items())

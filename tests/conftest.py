"""The people and places that every test may name.

`ann` maintains the workspace `credit`, `cora` contributes to it, `bob` views it and `dia` approves there; `cleo`
is outside and maintains `other`; `olga` is an operator, `aude` an auditor. They are rows made directly: a test
of an operation should not need other operations to work.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.core.management.commands import flush as flush_command
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from experiments.models import Experiment
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, Membership, User, Workspace
from portal.accounts.tokens import secret_make
from portal.kernel.clock import now
from tests.template import template_ready

# The live portal and its people, for tests that speak HTTP with it.
pytest_plugins = ["tests.live.fixtures"]

PASSWORD = "violet-harbour-ladder-71"
_OF_MIGRATIONS = {"django_content_type", "auth_permission"}
_APPEND_ONLY = [
    ("audit_auditevent", "audit_event_no_truncate"),
    ("audit_auditdetail", "audit_detail_no_truncate"),
    *(
        (f"audit_audit{part}", f"audit_audit{part}_no_truncate")
        for part in ("leaf", "node", "checkpoint", "key")
    ),
    ("jobs_jobevent", "jobs_event_no_truncate"),
    ("compliance_gateevaluation", "compliance_gateevaluation_no_truncate"),
    ("compliance_evidence", "compliance_evidence_no_truncate"),
    ("compliance_decision", "compliance_decision_no_truncate"),
    ("registry_assignment", "registry_assignment_no_truncate"),
    ("registry_modelcard", "registry_modelcard_no_truncate"),
    ("deployments_traffic", "deployments_traffic_no_truncate"),
    ("experiments_datasetversion", "experiments_datasetversion_no_truncate"),
    ("experiments_datasetprofile", "experiments_datasetprofile_no_truncate"),
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of this process is a copy of one that the migrations made."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template_ready(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session", autouse=True)
def flush_empties_audit_tables() -> Iterator[None]:
    """Tests with real transactions are followed by TRUNCATE, which the audit tables refuse to everybody.

    Only the owner of the tables can lift the trigger, which this does for the moment of the flush. The queues that
    migrating makes are made again; what it puts into `_OF_MIGRATIONS` stays there, so that it has not to be written
    again after each test.
    """
    original = DatabaseOperations.execute_sql_flush, DatabaseOperations.sql_flush
    seed = [f"{import_module('jobs.migrations.0004_queues').QUEUES} ON CONFLICT DO NOTHING"]

    def execute(self: DatabaseOperations, sql_list: list[str]) -> None:
        lift = [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in _APPEND_ONLY]
        restore = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in _APPEND_ONLY]
        original[0](self, [*lift, *sql_list, *restore, *seed])

    def flush(self: DatabaseOperations, style: Any, tables: list[str], **how: Any) -> list[str]:
        return original[1](self, style, [each for each in tables if each not in _OF_MIGRATIONS], **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", execute)
        patch.setattr(DatabaseOperations, "sql_flush", flush)
        patch.setattr(flush_command, "emit_post_migrate_signal", lambda *given, **named: None)
        yield


@pytest.fixture
def fresh_cache(settings: Any) -> None:
    """Counters of throttling that no other test has touched."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="credit")


@pytest.fixture
def other(db: None) -> Workspace:
    return Workspace.objects.create(name="other")


@pytest.fixture
def ann(workspace: Workspace) -> User:
    return _member("ann", workspace, "maintainer")


@pytest.fixture
def cora(workspace: Workspace) -> User:
    return _member("cora", workspace, "contributor")


@pytest.fixture
def bob(workspace: Workspace) -> User:
    return _member("bob", workspace, "viewer")


@pytest.fixture
def dia(workspace: Workspace) -> User:
    return _member("dia", workspace, "approver")


@pytest.fixture
def cleo(other: Workspace) -> User:
    return _member("cleo", other, "maintainer")


@pytest.fixture
def olga(db: None) -> User:
    return _user("olga", is_operator=True)


@pytest.fixture
def aude(db: None) -> User:
    return _user("aude", is_auditor=True)


@pytest.fixture
def robot(workspace: Workspace) -> User:
    """A service account that contributes to `credit`."""
    user = User.objects.create(username="robot", is_service_account=True)
    Membership.objects.create(user=user, workspace=workspace, role="contributor")
    return user


@pytest.fixture
def experiment(workspace: Workspace) -> Experiment:
    return Experiment.objects.create(
        workspace=workspace, name="scoring", artifact_location="mlflow-artifacts:/credit/scoring",
        lifecycle_stage="active", creation_time=1, last_update_time=1,
    )  # fmt: skip


@pytest.fixture
def acting() -> Callable[[User], Actor]:
    """Turns a user into the actor that a session of theirs would be."""
    return lambda user: Actor.of_user(user, request_id="test")


@pytest.fixture
def token_for() -> Callable[..., str]:
    """Issues a token directly and returns its secret."""
    return _token


def _token(
    user: User, *, scope: str = "write", workspaces: tuple[Workspace, ...] = (), days: int = 90
) -> str:
    secret = secret_make()
    token = ApiToken.objects.create(
        user=user, name="test", scope=scope, prefix=secret.prefix, digest=secret.digest,
        expires_at=now() + timedelta(days=days),
    )  # fmt: skip
    token.workspaces.set(workspaces)
    return secret.plain


def _member(username: str, workspace: Workspace, role: str) -> User:
    user = _user(username)
    Membership.objects.create(user=user, workspace=workspace, role=role)
    return user


def _user(username: str, **fields: Any) -> User:
    user = User(username=username, email=f"{username}@example.org", name=username.capitalize(), **fields)
    user.set_password(PASSWORD)
    user.save(force_insert=True)
    return user

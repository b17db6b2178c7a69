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
from django.db import connection, transaction
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
_WATCHED = """
SELECT format('%%I', c.relname), format('%%I', t.tgname) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgenabled = 'A' AND NOT t.tgisinternal AND c.relname = ANY(%s)
"""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of this process is a copy of one that the migrations made."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template_ready(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session", autouse=True)
def flush_empties_what_is_filled() -> Iterator[None]:
    """Tests with real transactions are followed by a flush, which deletes the rows of the tables that hold any.

    That takes a tenth of the time of a TRUNCATE of all tables. Append-only tables refuse it to everybody; only their
    owner can lift those triggers, which this does for the moment of the flush. The queues that migrating makes are
    made again; what it puts into `_OF_MIGRATIONS` stays there, so that it has not to be written again after each test.
    """
    queues = f"{import_module('jobs.migrations.0004_queues').QUEUES} ON CONFLICT DO NOTHING"

    def flush(self: DatabaseOperations, style: Any, tables: list[str], **how: Any) -> list[str]:
        return [each for each in tables if each not in _OF_MIGRATIONS]

    def execute(self: DatabaseOperations, tables: list[str]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(f"SELECT '{each}' WHERE EXISTS (SELECT FROM {each})" for each in tables)
            )
            filled = [table for (table,) in cursor.fetchall()]
            cursor.execute(_WATCHED, [filled])
            watched = cursor.fetchall()
            cursor.execute(
                "SET LOCAL session_replication_role = replica"
            )  # no foreign keys, no other triggers
            for statement in (
                *(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in watched),
                *(f"DELETE FROM {table}" for table in filled),
                *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in watched),
                queues,
            ):
                cursor.execute(statement)

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

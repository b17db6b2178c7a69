"""PostgreSQL refuses to change what was recorded, whoever asks and however."""

import hashlib
import json

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from portal.accounts.services.memberships import membership_add
from portal.accounts.services.tokens import token_issue
from portal.accounts.services.users import user_create
from portal.accounts.services.workspaces import workspace_create
from portal.audit.models import AuditDetail, AuditEvent
from tests.audit.events import latest

EVENT, DETAIL = "audit_auditevent", "audit_auditdetail"

COLUMNS = "id, uuid, payload, actor, action, outcome, object_type, object_id, request_id"


@pytest.fixture
def event(acting, olga):
    workspace_create(actor=acting(olga), name="fraud", description="Card fraud")
    return latest()


def run(*statements):
    """Run statements in one transaction; the constraints first, over which a TRUNCATE would stumble here."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in ("SET CONSTRAINTS ALL IMMEDIATE", *statements):
            cursor.execute(statement)


def refused(*statements):
    """Run statements, which must be refused for the log being append-only."""
    with pytest.raises(DatabaseError, match="append-only"):
        run(*statements)


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {EVENT} SET actor = 'user:0'",
        f"UPDATE {EVENT} SET recorded_at = now() - interval '1 year'",
        f"DELETE FROM {EVENT}",
        f"TRUNCATE {EVENT} CASCADE",
        f"UPDATE {DETAIL} SET body = 'x'",
        f"TRUNCATE {DETAIL}",
        f"INSERT INTO {EVENT} ({COLUMNS}) SELECT {COLUMNS} FROM {EVENT} ON CONFLICT (id) DO UPDATE SET actor = 'x'",
        f"MERGE INTO {EVENT} USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_sql_is_refused(event, statement):
    refused(statement)
    assert AuditEvent.objects.get(pk=event.pk).actor == event.actor


@pytest.mark.parametrize("role", ["replica", "local"])
@pytest.mark.parametrize("statement", [f"DELETE FROM {EVENT}", f"UPDATE {EVENT} SET outcome = 'done'"])
def test_session_replication_role_opens_no_door(event, role, statement):
    refused(f"SET LOCAL session_replication_role = {role}", statement)


def test_the_orm_is_refused(event):
    event.actor = "user:0"
    attempts = [
        lambda: event.save(),
        lambda: AuditEvent.objects.update(outcome="done"),
        lambda: AuditEvent.objects.bulk_update([event], ["actor"]),
        lambda: AuditDetail.objects.update(body=b"x"),
        lambda: AuditEvent.objects.filter(pk=event.pk)._raw_delete("default"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


def test_the_leaf_hash_cannot_be_stated(event):
    statement = f"INSERT INTO {EVENT} (leaf_hash) VALUES ('x')"
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_leaf_hash_is_that_of_the_payload(event):
    assert bytes(event.leaf_hash) == hashlib.sha256(b"\x00" + bytes(event.payload)).digest()


def test_the_payload_commits_to_the_detail_and_the_columns_copy_the_payload(event, olga):
    facts = json.loads(bytes(event.payload))
    assert facts["detail"] == hashlib.sha256(bytes(event.detail.salt) + bytes(event.detail.body)).hexdigest()
    assert facts["actor"] == event.actor == f"user:{olga.pk}"
    assert facts["action"] == event.action
    assert facts["object"] == f"{event.object_type}:{event.object_id}"
    assert facts["uuid"] == str(event.uuid)
    assert facts["request"] == event.request_id == "test"


def test_names_are_not_in_the_payload(event):
    assert b"olga" not in bytes(event.payload)
    assert b"Card fraud" not in bytes(event.payload)


def test_no_payload_holds_a_name_an_address_or_a_reason(acting, olga, ann, workspace):
    made = user_create(actor=acting(olga), username="petra", email="petra@example.net", name="Petra Muster")
    membership_add(actor=acting(ann), workspace=workspace, user=made, role="viewer", reason="knows Petra")
    token_issue(
        actor=acting(ann), user=ann, name="petra's laptop", scope="read", workspaces=[workspace], ttl_days=1
    )
    payloads = b"".join(bytes(event.payload) for event in AuditEvent.objects.all()).lower()
    assert AuditEvent.objects.count() == 3
    for word in (b"petra", b"muster", b"example", b"laptop", b"ann", b"olga", b"credit"):
        assert word not in payloads


def test_the_time_of_an_event_is_that_of_the_database(event):
    facts = json.loads(bytes(event.payload))
    assert facts["at"] == event.recorded_at.isoformat(timespec="microseconds")
    assert facts["v"] == 2


@pytest.mark.parametrize(
    "moment", ["now() - interval '1 hour'", "now() + interval '1 hour'", "clock_timestamp()"]
)
def test_another_time_is_refused(event, moment):
    columns = "payload, actor, action, outcome, object_type, object_id, request_id"
    refused(
        f"INSERT INTO {EVENT} (uuid, recorded_at, {columns}) SELECT gen_random_uuid(), {moment}, {columns} FROM {EVENT}"
    )


def test_an_erased_detail_leaves_the_event(event):
    event.detail.delete()
    assert AuditEvent.objects.filter(pk=event.pk).exists()

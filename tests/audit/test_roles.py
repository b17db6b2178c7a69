"""The application's own role is refused whatever would change the log, by rights and not by triggers alone."""

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from portal.audit import roles
from portal.audit.models import AuditCheckpoint, AuditEvent
from portal.audit.roles import Login, log_release, roles_apply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROLES = ("app_of_tests", "sequencer_of_tests", "owner_of_tests")
EVENT, LEAF, NODE = "audit_auditevent", "audit_auditleaf", "audit_auditnode"


@pytest.fixture
def names(monkeypatch, worker_id):
    """Roles belong to the whole server, which other test processes use, too."""
    app, sequencer, owner = (f"{name}_{worker_id}" for name in ROLES)
    monkeypatch.setattr(roles, "OWNER", owner)
    connection.ensure_connection()
    link = connection.connection
    me = link.execute("SELECT current_user").fetchone()[0]
    yield app, sequencer, owner
    link.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(me)))
    log_release(link, me)
    for name in (app, sequencer, owner):
        role = sql.Identifier(name)
        link.execute(sql.SQL("DROP OWNED BY {}").format(role))
        link.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def ruled(names, happen, sequencer):
    """`ruled(role)` connects as that role; the log has events and checkpoints."""
    app, sequencing, _ = names
    happen(3)
    sequencer.run()
    happen(2)
    warnings = roles_apply(
        connection.connection, application=Login(app, "one"), sequencer=Login(sequencing, "two")
    )
    assert warnings == []
    open_links = []

    def connect(name, password):
        base = settings.DATABASES["default"]
        link = psycopg.connect(
            host=base["HOST"], port=base["PORT"], dbname=connection.settings_dict["NAME"], user=name,
            password=password, autocommit=True,
        )  # fmt: skip
        open_links.append(link)
        return link

    yield lambda: connect(app, "one"), lambda: connect(sequencing, "two")
    for link in open_links:
        link.close()


CHANGES = [
    f"UPDATE {EVENT} SET actor = 'user:0'",
    f"DELETE FROM {EVENT}",
    f"TRUNCATE {EVENT} CASCADE",
    f"ALTER TABLE {EVENT} DISABLE TRIGGER ALL",
    f"ALTER TABLE {EVENT} DISABLE TRIGGER audit_event_no_change",
    f"DROP TRIGGER audit_event_no_change ON {EVENT}",
    f"DROP TABLE {EVENT} CASCADE",
    f"ALTER TABLE {EVENT} ADD COLUMN x int",
    f"ALTER TABLE {EVENT} OWNER TO CURRENT_USER",
    f"CREATE RULE quiet AS ON INSERT TO {EVENT} DO INSTEAD NOTHING",
    f"CREATE TRIGGER quiet BEFORE INSERT ON {EVENT} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "DROP FUNCTION audit_refuse() CASCADE",
    "SET session_replication_role = replica",
    "UPDATE audit_auditdetail SET body = 'x'",
    "TRUNCATE audit_auditdetail",
    f"UPDATE {LEAF} SET leaf_hash = 'x'",
    f"DELETE FROM {LEAF}",
    f"DELETE FROM {NODE}",
    "UPDATE audit_auditcheckpoint SET note = 'x'",
    "DELETE FROM audit_auditcheckpoint",
    "DELETE FROM audit_auditkey",
    "ALTER SCHEMA public RENAME TO other",
]


def test_neither_role_changes_the_log(ruled):
    accepted = []
    for link in (connect() for connect in ruled):
        for statement in CHANGES:
            try:
                link.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue
            accepted.append(statement)
    assert accepted == []
    assert AuditEvent.objects.count() == 5
    assert AuditCheckpoint.objects.count() == 1


def test_the_application_places_and_signs_nothing(ruled):
    as_app, _ = ruled
    for statement in (
        f"INSERT INTO {LEAF} (idx, event_id, leaf_hash) SELECT 3, id, leaf_hash FROM {EVENT} ORDER BY id DESC LIMIT 1",
        f"INSERT INTO {NODE} VALUES (5, 0, 'x')",
        "INSERT INTO audit_auditcheckpoint (size, root, note) VALUES (3, 'x', 'x')",
        f"COPY {LEAF} FROM STDIN",
        "UPDATE audit_auditwitness SET size = 0",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_app().execute(statement)


def test_the_sequencer_writes_no_events(ruled):
    _, as_sequencer = ruled
    for statement in (
        f"INSERT INTO {EVENT} (uuid) VALUES (gen_random_uuid())",
        "DELETE FROM audit_auditdetail",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_sequencer().execute(statement)


def test_forged_leaves_are_refused_to_the_sequencer_too(ruled):
    _, as_sequencer = ruled
    link = as_sequencer()
    ids = [key for (key,) in link.execute(f"SELECT id FROM {EVENT} ORDER BY id DESC LIMIT 2")]
    for index, event_id in ((3, ids[0]), (4, ids[0]), (3, 10**9)):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            copy_leaf(link, index, event_id)


def copy_leaf(link, index, event_id):
    with link.cursor() as cursor, cursor.copy(f"COPY {LEAF} (idx, event_id, leaf_hash) FROM STDIN") as copy:
        copy.write_row((index, event_id, b"x" * 32))


def test_forged_times_are_refused(ruled):
    as_app, _ = ruled
    columns = "payload, actor, action, outcome, object_type, object_id, request_id"
    copied = f"INSERT INTO {EVENT} (uuid, recorded_at, {columns}) SELECT gen_random_uuid(), {{}}, {columns}"
    copied += f" FROM {EVENT}"
    for moment in ("recorded_at - interval '1 day'", "clock_timestamp()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            as_app().execute(copied.format(moment))


def test_the_portal_works_under_its_role(ruled, names, happen, signer):
    """Recording, erasing words and reading as the application; placing and signing as the sequencer."""
    app, sequencing, _ = names
    link = connection.connection
    try:
        link.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(app)))
        happen(2)
        event = AuditEvent.objects.order_by("-id").first()
        event.detail.delete()
        link.execute("RESET ROLE")
        link.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(sequencing)))
        from portal.audit.sequencer import Sequencer  # noqa: PLC0415 - only here

        assert Sequencer(signer).run() == 4
    finally:
        link.execute("RESET ROLE")


def test_guards_of_tables_elsewhere_are_out_of_reach(ruled):
    as_app, _ = ruled
    link = as_app()
    link.execute("UPDATE accounts_workspace SET description = 'x'")
    for statement in ("ALTER TABLE jobs_jobevent DISABLE TRIGGER ALL", "TRUNCATE jobs_jobevent"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(statement)


def test_it_can_be_repeated_and_given_back_for_migrations(ruled, names):
    app, sequencing, owner = names
    link = connection.connection
    roles_apply(link, application=Login(app, "one"), sequencer=Login(sequencing, "two"))
    query = "SELECT tableowner FROM pg_tables WHERE tablename = 'audit_auditevent'"
    assert link.execute(query).fetchone() == (owner,)
    log_release(link, app)
    assert link.execute(query).fetchone() == (app,)


def test_the_command_reads_the_roles_from_addresses(names, tmp_path, capsys):
    app, sequencing, owner = names
    files = []
    for name in (app, sequencing):
        path = tmp_path / name
        path.write_text(f"postgresql://{name}:s%40crt@db:5432/portal\n")
        files.append(str(path))
    call_command("audit_roles", application_url_file=files[0], sequencer_url_file=files[1])
    query = "SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)"
    assert connection.connection.execute(query, ([app, sequencing, owner],)).fetchone() == (3,)
    (tmp_path / "bad").write_text("nothing")
    with pytest.raises(CommandError, match="names no role"):
        call_command("audit_roles", application_url_file=str(tmp_path / "bad"))

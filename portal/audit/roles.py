"""Who may do what in PostgreSQL: the log belongs to a role that cannot log in, the portal may read and append.

Triggers refuse changes to everybody, but an owner could drop them; so nobody who logs in owns the log. Everything
here is said as somebody who may: a superuser, or the role that runs migrations and may make roles.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

OWNER = "portal_audit"
APPENDED = ("audit_auditevent", "audit_auditdetail")
SEQUENCED = ("audit_auditleaf", "audit_auditnode", "audit_auditcheckpoint", "audit_auditkey")
WITNESSES = "audit_auditwitness"
LOG = (*APPENDED, *SEQUENCED, WITNESSES)
FUNCTIONS = ("audit_refuse", "audit_event_check", "audit_leaves_check", "audit_checkpoint_check")
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Login:
    """A role that logs in; made with this password where it is not there."""

    name: str
    password: str = ""


def roles_apply(link: Connection, *, application: Login, sequencer: Login | None = None) -> list[str]:
    """Set ownership and rights, in one transaction; what somebody should know about the outcome.

    Without a sequencer of its own, the application's role may place and sign, too. Can be repeated.
    """
    with link.transaction():
        _role(link, OWNER, None)
        for login in (application, sequencer):
            if login is not None:
                _role(link, login.name, login.password)
        _say(link, "GRANT {} TO CURRENT_USER", OWNER)
        _ordinary_rights(link, application.name)
        _log_owned(link, OWNER)
        _log_rights(link, application.name, (sequencer or application).name)
        # The owner of the schema may drop what is in it.
        _say(link, "ALTER SCHEMA public OWNER TO {}", OWNER)
    return [
        _warning(link, login.name)
        for login in (application, sequencer)
        if login and _is_mighty(link, login.name)
    ]


def log_release(link: Connection, application: str) -> None:
    """Give the log back to the role that runs migrations, for as long as they run: the application's own."""
    with link.transaction():
        if _is_there(link, OWNER):
            _log_owned(link, application)


def _role(link: Connection, name: str, password: str | None) -> None:
    if _is_there(link, name):
        return
    if password is None:
        _say(link, "CREATE ROLE {} NOLOGIN", name)
    else:
        link.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        )


def _is_there(link: Connection, name: str) -> bool:
    return link.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is not None


def _ordinary_rights(link: Connection, name: str) -> None:
    """What the application needs outside of the log; the guards of other append-only tables are not its own."""
    _say(link, "GRANT USAGE ON SCHEMA public TO {}", name)
    _say(link, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", name)
    for table, owner in link.execute(_TABLES).fetchall():
        if table not in LOG and owner != name:
            _say(link, "GRANT SELECT, INSERT, UPDATE, DELETE ON {1} TO {0}", name, table)


_TABLES = "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'"


def _log_owned(link: Connection, owner: str) -> None:
    for table in LOG:
        _say(link, "ALTER TABLE {1} OWNER TO {0}", owner, table)
    for function in FUNCTIONS:
        _say(link, "ALTER FUNCTION {1} OWNER TO {0}", owner, function)


def _log_rights(link: Connection, application: str, sequencer: str) -> None:
    for table in LOG:
        for name in {application, sequencer}:
            _say(link, "REVOKE ALL ON {1} FROM PUBLIC, {0}", name, table)
            _say(link, "GRANT SELECT ON {1} TO {0}", name, table)
    for table in APPENDED:
        _say(link, "GRANT INSERT ON {1} TO {0}", application, table)
    # Words may be erased; the event that commits to them stays, and PostgreSQL refuses to rewrite them.
    _say(link, "GRANT DELETE ON audit_auditdetail TO {0}", application)
    for table in SEQUENCED:
        _say(link, "GRANT INSERT ON {1} TO {0}", sequencer, table)
    _say(link, "GRANT INSERT, UPDATE ON {1} TO {0}", sequencer, WITNESSES)
    _say(link, "GRANT USAGE ON SCHEMA public TO {0}", sequencer)


def _is_mighty(link: Connection, name: str) -> bool:
    found = link.execute(
        "SELECT rolsuper OR pg_has_role(rolname, %s, 'MEMBER') FROM pg_roles WHERE rolname = %s",
        (OWNER, name),
    ).fetchone()
    return bool(found and found[0])


def _warning(link: Connection, name: str) -> str:
    return (
        f"{name} is a superuser or belongs to {OWNER}: it can drop the guards of the audit log. Give the portal a "
        "role of its own, see docs/runbooks/audit.md."
    )


def _say(link: Connection, text: str, *names: str) -> None:
    link.execute(sql.SQL(text).format(*map(sql.Identifier, names)))

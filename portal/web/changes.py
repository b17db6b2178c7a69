"""Who may listen for changes, and which workspaces have changed: what the events process asks the database."""

import time
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from portal.accounts.actor import Actor
from portal.accounts.signin.adapters import SIGNED_IN_AT
from portal.kernel import sql

# A mark per workspace that is another one after anything that a page of it shows has changed: an audited act,
# a point logged to a running run, a job that began or ended.
_MARKS = """
SELECT w.id, concat_ws(' ',
    (SELECT max(e.id) FROM audit_auditevent e WHERE e.workspace_id = w.id),
    (SELECT sum(r.changes) FROM experiments_run r WHERE r.workspace_id = w.id AND r.status = 'RUNNING'),
    (SELECT md5(string_agg(j.id || j.state, '' ORDER BY j.id)) FROM jobs_jobrun j
     WHERE j.workspace_id = w.id AND j.state IN ('queued', 'running')))
FROM accounts_workspace w
"""


def workspace_marks() -> dict[int, str]:
    """The present mark of every workspace."""
    close_old_connections()
    return dict(sql.rows(_MARKS))


def listener_of(cookie_header: str) -> Actor | None:
    """The person behind a session cookie, or None."""
    close_old_connections()
    request = HttpRequest()
    key = parse_cookie(cookie_header).get(settings.SESSION_COOKIE_NAME)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    is_over = time.time() - request.session.get(SIGNED_IN_AT, time.time()) > settings.SESSION_ABSOLUTE_SECONDS
    return Actor.of_user(user) if user.is_authenticated and not is_over else None

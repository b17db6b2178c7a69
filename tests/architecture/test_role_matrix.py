"""Who may do what, as one reviewed file. After a deliberate change run this file as a script to write it anew."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from portal import access
from portal.accounts.actor import Actor

SNAPSHOT = Path(__file__).with_name("role_matrix.json")
INSIDE, HERE = 1, SimpleNamespace(workspace_id=1)


def actors():
    """One actor per role, and the same with a token that may only read."""
    member = {
        role: {"roles": {INSIDE: frozenset({role})}}
        for role in ("viewer", "contributor", "maintainer", "approver")
    }
    kinds: dict[str, dict[str, Any]] = {
        **member,
        "operator": {"is_operator": True},
        "auditor": {"is_auditor": True},
        "outsider": {},
    }
    kinds["maintainer with a read token"] = {**member["maintainer"], "can_write": False}
    return {name: Actor(kind="user", name=name, user_id=1, **fields) for name, fields in kinds.items()}


def matrix():
    """`action -> who may do it` in a workspace that they are asked about."""
    return {
        action: [name for name, actor in actors().items() if access.allows(actor, action, HERE)]
        for action in sorted(access.ACTIONS)
    }


def test_the_matrix_is_the_reviewed_one():
    assert matrix() == json.loads(SNAPSHOT.read_text())


def test_nobody_but_those_inside_or_portal_wide_reads():
    readers = {
        name
        for action, names in matrix().items()
        for name in names
        if "anyone" not in access.ACTIONS[action].roles
    }
    assert "outsider" not in readers


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(matrix(), indent=2) + "\n")

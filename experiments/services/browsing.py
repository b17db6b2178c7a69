"""What people keep for themselves while they look at runs. It is theirs alone, so no event tells of it."""

from typing import Any

from psycopg.types.json import Jsonb

from experiments.models import Run
from experiments.selectors.colours import COLOURS
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.errors import InvalidInput
from portal.operations import writer

WIDEST, COLUMNS_AT_MOST, NAME_LENGTH = 1_200, 60, 300
_LAYOUT = """
INSERT INTO experiments_runslayout (user_id, scope, body) VALUES (%s, %s, %s)
ON CONFLICT (user_id, scope) DO UPDATE SET body = excluded.body
"""
_MARK = """
INSERT INTO experiments_runmark AS old (user_id, run_id, is_starred, colour)
VALUES (%(user)s, %(run)s, coalesce(%(star)s, false), %(colour)s)
ON CONFLICT (user_id, run_id) DO UPDATE SET
    is_starred = coalesce(%(star)s, old.is_starred),
    colour = CASE WHEN %(keep)s THEN old.colour ELSE %(colour)s::smallint END
"""


@writer("experiments.layout.save")
def layout_save(*, actor: Actor, scope: str, body: dict[str, Any]) -> None:
    """Keep how a person laid out a table. Raises InvalidInput for what is no layout."""
    access.require(actor, "experiments.layout.save")
    if actor.user_id is not None:
        sql.execute(_LAYOUT, (actor.user_id, scope[:40], Jsonb(_layout(scope, body))))


@writer("experiments.run.mark")
def run_mark(
    *,
    actor: Actor,
    run: Run,
    is_starred: bool | None = None,
    colour: int | None = None,
    keep_colour: bool = True,
) -> None:
    """Star a run, or give it a colour for oneself (None: the run's own). Raises InvalidInput for no such colour."""
    access.require(actor, "experiments.run.mark", run)
    if colour is not None and not 1 <= colour <= COLOURS:
        raise InvalidInput(f"A colour of a run is a number from 1 to {COLOURS}.")
    if actor.user_id is not None:
        asked = {
            "user": actor.user_id,
            "run": run.pk,
            "star": is_starred,
            "colour": colour,
            "keep": keep_colour,
        }
        sql.execute(_MARK, asked)


def _layout(scope: str, body: dict[str, Any]) -> dict[str, Any]:
    columns, pinned, widths = body.get("columns", []), body.get("pinned", []), body.get("widths", {})
    is_right = (
        isinstance(columns, list)
        and isinstance(pinned, list)
        and isinstance(widths, dict)
        and max(len(columns), len(pinned), len(widths)) <= COLUMNS_AT_MOST
        and all(isinstance(width, int | float) and 0 < width <= WIDEST for width in widths.values())
        and all(_is_name(name) for name in [scope, *columns, *pinned, *widths])
    )
    if not is_right:
        raise InvalidInput(
            f"A layout lists up to {COLUMNS_AT_MOST} columns, and widths of up to {WIDEST} pixels."
        )
    return {
        "columns": columns,
        "pinned": pinned,
        "widths": {name: round(width) for name, width in widths.items()},
    }


def _is_name(name: Any) -> bool:
    """Text that PostgreSQL can hold."""
    if not isinstance(name, str) or not name or len(name) > NAME_LENGTH or "\0" in name:
        return False
    return name.encode(errors="replace").decode() == name

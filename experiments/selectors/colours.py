"""The colour of a run: the same in every table and chart, since it comes from the run's id."""

from collections.abc import Iterable
from uuid import UUID
from zlib import crc32

from experiments.models import RunMark
from portal.accounts.actor import Actor

COLOURS = 12  # --run-1 to --run-12 in tokens.css, .run-colour-1 to .run-colour-12 in runs.css


def colour_of(run_id: UUID) -> int:
    """The number of the colour that a run has by itself, from 1."""
    return crc32(run_id.bytes) % COLOURS + 1


def run_colours(actor: Actor, run_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of the colours in which the actor sees runs: their own choice, else the run's own."""
    ids = list(run_ids)
    own = {run_id: colour_of(run_id) for run_id in ids}
    if actor.user_id is None:
        return own
    marks = RunMark.objects.filter(user_id=actor.user_id, run_id__in=ids)
    return own | {run_id: colour for run_id, colour in marks.values_list("run_id", "colour") if colour}

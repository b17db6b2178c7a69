"""Every sequence of calls gets the same answers from the portal as from stock, save what is listed as intended."""

import pytest

from tests.differential.calls import Step
from tests.differential.compare import Difference, answers_compare
from tests.differential.intended import INTENDED, Intended
from tests.differential.sequences import SEQUENCES
from tests.differential.symbols import Symbols
from tests.live.portal import Portal
from tests.live.stock import Stock
from tests.live.wire import Wire

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_portal_answers_as_stock(name: str, stock: Stock, portal: Portal) -> None:
    with Wire(stock.port) as left, Wire(portal.port, token=portal.token("ann")) as right:
        found = differences(name, SEQUENCES[name], left, right)
    allowed = [entry for entry in INTENDED if entry.sequence == name]
    unexpected = [one for one in found if not any(_covers(entry, one) for entry in allowed)]
    differing = {difference.note for difference in found}
    idle = [note for entry in allowed for note in entry.notes if note not in differing]
    assert not unexpected, "\n".join(map(str, unexpected))
    assert not idle, f"listed as intended, but not different: {idle}"


def differences(name: str, steps: list[Step], left: Wire, right: Wire) -> list[Difference]:
    """Send the steps to both servers, one after the other, and compare as they answer."""
    stock_knows, portal_knows = {"sequence": name}, {"sequence": name}
    found: list[Difference] = []
    for step in steps:
        one = step.send(left, stock_knows)
        other = step.send(right, portal_knows)
        found += answers_compare(step.note, (one, Symbols(stock_knows)), (other, Symbols(portal_knows)))
    return found


def _covers(entry: Intended, difference: Difference) -> bool:
    return entry.covers(difference.note, difference.place, difference.portal)


def test_every_intended_difference_names_a_step() -> None:
    """A difference that is listed for a step nobody sends would never be found idle."""
    notes = {(name, step.note) for name, steps in SEQUENCES.items() for step in steps}
    assert {(entry.sequence, note) for entry in INTENDED for note in entry.notes} <= notes
    assert all(len({step.note for step in steps}) == len(steps) for steps in SEQUENCES.values()), (
        "notes repeat"
    )

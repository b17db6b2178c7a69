"""What the parts of a comparison share: the chosen runs, the baseline, their addresses, what charts need to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.selectors.compared import Beside, beside, charted_keys, less_is_better
from experiments.web.picked import picked_runs
from portal.answers import PageRequest


@dataclass(frozen=True)
class Compared:
    """The runs of a comparison and the one that the others are held against."""

    runs: list[Beside]
    base: Beside

    @property
    def at(self) -> int:
        return self.runs.index(self.base)

    @cached_property
    def query(self) -> str:
        """The address of the same comparison, without its part."""
        return f"{self._runs}&base={self.base.id}" if self.at else self._runs

    @cached_property
    def heads(self) -> list[dict[str, Any]]:
        """What stands above each column, with the addresses of what can be done with it."""
        named = [f"run={each.id}" for each in self.runs]
        return [
            {"beside": each, "is_base": each is self.base, "as_base": f"{self._runs}&base={each.id}",
             "without": "&".join(named[:place] + named[place + 1 :])}
            for place, each in enumerate(self.runs)
        ]  # fmt: skip

    @cached_property
    def _runs(self) -> str:
        return "&".join(f"run={each.id}" for each in self.runs)


def compared_of(request: PageRequest) -> Compared | None:
    """The runs that the address names and the reader sees; None where there is none."""
    runs = beside(request.actor, picked_runs(request.actor, request.GET))
    if not runs:
        return None
    base = next((each for each in runs if each.id == request.GET.get("base")), runs[0])
    return Compared(runs, base)


def board_facts(runs: list[Beside]) -> dict[str, Any]:
    """What charts need to know of the runs that they draw."""
    return {
        "runs": [
            {"id": each.id, "name": each.run.name, "colour": each.colour, "params": each.params}
            for each in runs
        ]
    }


def board(runs: list[Beside], only: Sequence[str] = (), *, name: str = "charts") -> dict[str, Any]:
    """The context of `runs/_board.html`: a chart for each metric that has a curve, or for those of `only`."""
    keys = [key for key in charted_keys([each.run.pk for each in runs]) if not only or key in only]
    differing = sorted(
        {
            key
            for each in runs
            for key in each.params
            if any(other.params.get(key) != each.params[key] for other in runs)
        }
    )
    return {
        "name": name, "runs": runs, "facts": board_facts(runs), "group_keys": differing[:50],
        "keys": [(key, less_is_better(key)) for key in keys],
    }  # fmt: skip

"""How pipelines read on pages: documents as YAML, steps as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import yaml

from training.models import PipelineStep, PipelineVersion
from training.pipelines.drawing import steps_columns
from training.pipelines.reading import needs_of
from training.selectors.pipelines import state_now

EXAMPLE = """\
experiment: nightly
parameters:
  c: 0.5
  least: 0.9
steps:
  train:
    retries: 1
    job:
      code: {bundled: iris}
      command: python train.py --c {c}
      parameters: {c: "${{ parameters.c }}"}
      seed: 7
  again:
    when: facts.steps.train.values.accuracy < facts.parameters.least
    job:
      code: {bundled: iris}
      command: python train.py --c {c}
      parameters: {c: 10}
      seed: 7
"""


@dataclass(frozen=True)
class StepRow:
    """One step, or one item of a step, as the table shows it."""

    step: PipelineStep
    state: str
    needs: str
    value: str
    anchor: str


def version_text(version: PipelineVersion) -> str:
    """The text as it was written, or the document in YAML."""
    if version.source:
        return version.source
    shown = {key: value for key, value in version.document.items() if value not in ({}, "")}
    text: str = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100)
    return text


def step_rows(document: Mapping[str, Any], steps: Iterable[PipelineStep]) -> list[StepRow]:
    """The steps in the order of the drawing, from the first to the last."""
    order = {name: number for number, name in enumerate(chain(*steps_columns(document)))}
    rows = sorted(steps, key=lambda each: (order[each.name], each.item))
    return [
        StepRow(
            row, state_now(row), ", ".join(sorted(needs_of(document["steps"][row.name]))),
            "" if row.item < 0 else str(row.value), f"step-{row.name}" if row.item < 1 else "",
        )
        for row in rows
    ]  # fmt: skip

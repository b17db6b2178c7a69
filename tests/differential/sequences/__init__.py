"""All sequences by name; `$sequence` in a step is the name, so that no two sequences meet."""

from tests.differential.calls import Step
from tests.differential.sequences import (
    artifacts,
    batches,
    datasets,
    experiments,
    history,
    logged_models,
    metrics,
    model_search,
    registry,
    run_filters,
    run_orders,
    run_writes,
    runs,
    shapes,
)

_MODULES = (
    experiments, runs, run_writes, metrics, batches, history, run_filters, run_orders, datasets, logged_models,
    model_search, registry, artifacts, shapes,
)  # fmt: skip
SEQUENCES: dict[str, list[Step]] = {
    name: steps for module in _MODULES for name, steps in module.SEQUENCES.items()
}
